package dev.fcvm.host.disk;

/**
 * Blocks of a file that lie one behind the other.
 *
 * @param logical the first one's number in the file
 * @param physical the first one's number on the disk
 * @param length how many
 */
record Extent(long logical, long physical, int length) {

    /** As many as an extent that is not preallocated can have. */
    static final int LONGEST = 32_768;

    boolean continues(long nextLogical, long nextPhysical) {
        return length < LONGEST && logical + length == nextLogical && physical + length == nextPhysical;
    }

    Extent longer() {
        return new Extent(logical, physical, length + 1);
    }
}
