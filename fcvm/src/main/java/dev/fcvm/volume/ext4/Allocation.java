package dev.fcvm.volume.ext4;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.Extent;
import java.util.ArrayList;
import java.util.List;

/** Gives out the blocks of a new file system, one after the other. */
final class Allocation {

    private final Geometry geometry;
    private long next;

    Allocation(Geometry geometry) {
        this.geometry = geometry;
        this.next = geometry.overhead(0);
    }

    /** Returns as many blocks as wanted, in runs; the first of them is this one of their file. */
    List<Extent> take(long logical, long count) throws TooLargeException {
        List<Extent> runs = new ArrayList<>();
        long at = logical;
        long left = count;
        while (left > 0) {
            int group = (int) (next / Ext4.GROUP_BLOCKS);
            if (next >= geometry.blocks()) {
                throw new TooLargeException();
            }
            long begin = geometry.firstBlock(group) + geometry.overhead(group);
            next = Math.max(next, begin);
            long end = geometry.firstBlock(group) + geometry.size(group);
            int length = (int) Math.min(Math.min(left, end - next), Extent.LONGEST);
            if (length <= 0) {
                next = geometry.firstBlock(group + 1);
                continue;
            }
            runs.add(new Extent(at, next, length));
            next += length;
            at += length;
            left -= length;
        }
        return runs;
    }

    /** Returns a single block. */
    long take() throws TooLargeException {
        return take(0, 1).getFirst().physical();
    }

    /** Returns how many blocks at a group's beginning are used. */
    int used(int group) {
        long first = geometry.firstBlock(group);
        long upTo = Math.min(Math.max(next - first, 0), geometry.size(group));
        return (int) Math.max(upTo, geometry.overhead(group));
    }
}
