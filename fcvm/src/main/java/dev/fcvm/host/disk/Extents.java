package dev.fcvm.host.disk;

import java.util.List;

/** Lists of extents. */
final class Extents {

    private Extents() {}

    /** Adds a block behind those there are. */
    static void add(List<Extent> extents, long logical, long physical) {
        if (!extents.isEmpty() && extents.getLast().continues(logical, physical)) {
            extents.set(extents.size() - 1, extents.getLast().longer());
        } else {
            extents.add(new Extent(logical, physical, 1));
        }
    }
}
