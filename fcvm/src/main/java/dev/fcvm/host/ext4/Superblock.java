package dev.fcvm.host.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A superblock, being written: struct ext4_super_block of the kernel's documentation (filesystems/ext4/super). */
public final class Superblock {

    /** Where it lies in the first block. */
    public static final int OFFSET = 1024;

    /** How many bytes it has. */
    public static final int SIZE = 1024;

    /** By what it is known. */
    public static final int MAGIC = 0xef53;

    /** There is a journal. */
    public static final int HAS_JOURNAL = 0x4;

    /** Files have extended attributes. */
    public static final int ATTRIBUTES = 0x8;

    /** Large directories have an index. */
    public static final int INDEXES = 0x20;

    /** Directories tell what is what. */
    public static final int FILETYPE = 0x2;

    /** There is something in the journal. */
    public static final int RECOVER = 0x4;

    /** Maps of blocks are trees of extents. */
    public static final int EXTENTS = 0x40;

    /** What whoever writes must know: sparse copies, large files, huge ones, many links, inodes of some length. */
    public static final int USUAL_READ_ONLY = 0x1 | 0x2 | 0x8 | 0x20 | 0x40;

    private final ByteBuffer to = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * @param uuid of the file system, 16 bytes
     * @param label at most 16 bytes
     * @param seed of the hashes of names, 16 bytes
     */
    public Superblock(long blocks, long inodes, int inodesPerGroup, byte[] uuid, String label, byte[] seed) {
        to.putInt(0, (int) inodes);
        to.putInt(0x4, (int) blocks);
        to.putInt(0x18, 2).putInt(0x1c, 2); // blocks of 1024 << 2 bytes
        to.putInt(0x20, Ext4.GROUP_BLOCKS).putInt(0x24, Ext4.GROUP_BLOCKS);
        to.putInt(0x28, inodesPerGroup);
        to.putShort(0x36, (short) -1); // no check after so many mounts
        to.putShort(0x38, (short) MAGIC);
        to.putShort(0x3a, (short) 1); // clean
        to.putInt(0x4c, 1); // inodes of any size
        to.putInt(0x54, Ext4.FIRST_INODE);
        to.putShort(0x58, (short) Ext4.INODE);
        to.put(0x68, uuid);
        to.put(0x78, label.getBytes(StandardCharsets.UTF_8));
        to.put(0xec, seed);
        to.put(0xfc, (byte) NameHash.VERSION);
        to.putShort(0x15c, (short) InodeRecord.EXTRA).putShort(0x15e, (short) InodeRecord.EXTRA);
        to.putInt(0x160, 0x2); // hashes of unsigned bytes
    }

    /** How many are not taken. */
    public Superblock free(long blocks, long inodes) {
        to.putInt(0xc, (int) blocks).putInt(0x10, (int) inodes);
        return this;
    }

    /** What a kernel must know: to do more with it, to use it at all, to write to it. */
    public Superblock features(int compatible, int incompatible, int readOnly) {
        to.putInt(0x5c, compatible).putInt(0x60, incompatible).putInt(0x64, readOnly);
        return this;
    }

    /** What is done when it is found to be damaged: 1 to go on, 2 to write no more. */
    public Superblock onErrors(int what) {
        to.putShort(0x3c, (short) what);
        return this;
    }

    /** How it is mounted where nothing else is said. */
    public Superblock mountOptions(int options) {
        to.putInt(0x100, options);
        return this;
    }

    /** The binary logarithm of how many groups have what describes them together. */
    public Superblock groupsTogether(int logarithm) {
        to.put(0x174, (byte) logarithm);
        return this;
    }

    /** When it was made, mounted and checked, in seconds since 1970. */
    public Superblock made(long seconds) {
        to.putInt(0x30, (int) seconds).putInt(0x40, (int) seconds).putInt(0x108, (int) seconds);
        return this;
    }

    /** In which group this copy of it lies. */
    public Superblock group(int number) {
        to.putShort(0x5a, (short) number);
        return this;
    }

    /** Where the journal lies: the map of its blocks and its size, as its inode has them. */
    public Superblock journal(byte[] map, long size) {
        to.putInt(0xe0, Ext4.JOURNAL_INODE).put(0xfd, (byte) 1).put(0x10c, map);
        to.putInt(0x10c + 15 * 4, (int) (size >>> 32)).putInt(0x10c + 16 * 4, (int) size);
        return this;
    }

    /** Returns it. */
    public ByteBuffer bytes() {
        return to.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(0);
    }
}
