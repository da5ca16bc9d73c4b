package dev.fcvm.volume.ext4;

import dev.fcvm.host.ext4.Ext4;

/**
 * Where the parts of a file system lie. The simplest layout there is: each group of blocks begins with its own bitmaps
 * and its own piece of the inode table.
 *
 * @param blocks how many blocks there are
 * @param inodesPerGroup how many inodes each group has
 */
record Geometry(long blocks, int inodesPerGroup) {

    private static final int INODES_PER_BLOCK = Ext4.BLOCK / Ext4.INODE;

    /** The most a file system of this layout has, in blocks: their numbers have 32 bits, and a table one group's room. */
    private static final long MOST_BLOCKS = 1L << 31;

    /** Below this, a last group is of no use. */
    private static final int LEAST_DATA = 64;

    /**
     * Lays out one.
     *
     * @param content how many blocks must be free for content at least
     * @param bytes how large it is to be at least
     * @param inodes how many inodes it must have at least
     * @throws TooLargeException when there is no file system as large
     */
    static Geometry of(long content, long bytes, long inodes) throws TooLargeException {
        long wanted = Math.max(content + content / 16, bytes / Ext4.BLOCK);
        long groups = Math.max(1, ceil(wanted, Ext4.GROUP_BLOCKS));
        while (true) {
            long perGroup = Math.max(ceil(inodes, groups), Math.min(8192, Math.max(wanted / groups / 4, 64)));
            if (perGroup <= Ext4.GROUP_BLOCKS) {
                int rounded = (int) (ceil(perGroup, INODES_PER_BLOCK) * INODES_PER_BLOCK);
                Geometry geometry = fitted(groups, wanted, rounded);
                if (geometry.room() >= content) {
                    return geometry;
                }
            }
            wanted += Ext4.GROUP_BLOCKS / 4;
            groups = Math.max(groups, ceil(wanted, Ext4.GROUP_BLOCKS));
            if (perGroup > Ext4.GROUP_BLOCKS) {
                groups++;
                wanted = Math.max(wanted, (groups - 1) * Ext4.GROUP_BLOCKS + 1);
            }
            if (wanted > MOST_BLOCKS) {
                throw new TooLargeException();
            }
        }
    }

    private static Geometry fitted(long groups, long wanted, int inodesPerGroup) {
        long blocks = Math.min(wanted, groups * Ext4.GROUP_BLOCKS);
        Geometry geometry = new Geometry(blocks, inodesPerGroup);
        long last = blocks - (geometry.groups() - 1L) * Ext4.GROUP_BLOCKS;
        int least = geometry.overhead(geometry.groups() - 1) + LEAST_DATA;
        return last >= least ? geometry : new Geometry(blocks - last + least, inodesPerGroup);
    }

    int groups() {
        return (int) ceil(blocks, Ext4.GROUP_BLOCKS);
    }

    int inodes() {
        return groups() * inodesPerGroup;
    }

    int descriptorBlocks() {
        return (int) ceil((long) groups() * Ext4.DESCRIPTOR, Ext4.BLOCK);
    }

    int tableBlocks() {
        return inodesPerGroup / INODES_PER_BLOCK;
    }

    /** Returns whether a group holds a copy of the superblock: 0, 1 and the powers of 3, 5 and 7. */
    static boolean hasCopy(int group) {
        return group <= 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
    }

    private static boolean isPower(int number, int base) {
        int left = number;
        while (left % base == 0) {
            left /= base;
        }
        return left == 1;
    }

    long firstBlock(int group) {
        return (long) group * Ext4.GROUP_BLOCKS;
    }

    /** Returns how many blocks a group has. */
    int size(int group) {
        return (int) Math.min(Ext4.GROUP_BLOCKS, blocks - firstBlock(group));
    }

    private int copies(int group) {
        return hasCopy(group) ? 1 + descriptorBlocks() : 0;
    }

    long blockBitmap(int group) {
        return firstBlock(group) + copies(group);
    }

    long inodeBitmap(int group) {
        return blockBitmap(group) + 1;
    }

    long inodeTable(int group) {
        return blockBitmap(group) + 2;
    }

    /** Returns how many blocks at a group's beginning are not for content. */
    int overhead(int group) {
        return copies(group) + 2 + tableBlocks();
    }

    /** Returns where an inode lies, in bytes. */
    long inode(int number) {
        int index = number - 1;
        return inodeTable(index / inodesPerGroup) * Ext4.BLOCK + (long) (index % inodesPerGroup) * Ext4.INODE;
    }

    /** Returns how many blocks there are for content. */
    private long room() {
        long room = 0;
        for (int group = 0; group < groups(); group++) {
            room += Math.max(0, size(group) - overhead(group));
        }
        return room;
    }

    static long ceil(long number, long unit) {
        return (number + unit - 1) / unit;
    }
}
