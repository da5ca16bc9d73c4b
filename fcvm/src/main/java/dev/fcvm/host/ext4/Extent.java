package dev.fcvm.host.ext4;

import java.util.List;

/**
 * Blocks of a file that lie one behind the other.
 *
 * @param logical the first one's number in the file
 * @param physical the first one's number on the disk
 * @param length how many
 */
public record Extent(long logical, long physical, int length) {

    /** As many as an extent that is not preallocated can have. */
    public static final int LONGEST = 32_768;

    private boolean continues(long nextLogical, long nextPhysical) {
        return length < LONGEST && logical + length == nextLogical && physical + length == nextPhysical;
    }

    private Extent longer() {
        return new Extent(logical, physical, length + 1);
    }

    /** Adds a block to a file, behind those there are. */
    public static void add(List<Extent> extents, long logical, long physical) {
        if (!extents.isEmpty() && extents.getLast().continues(logical, physical)) {
            extents.set(extents.size() - 1, extents.getLast().longer());
        } else {
            extents.add(new Extent(logical, physical, 1));
        }
    }
}
