package dev.fcvm.host.ext4;

import dev.fcvm.host.nodes.NodeKind;

/** Numbers that all file systems here have in common. */
public final class Ext4 {

    /** Bytes of a block. */
    public static final int BLOCK = 4096;

    /** Bytes of an inode. */
    public static final int INODE = 256;

    /** Bytes of what describes a group of blocks. */
    public static final int DESCRIPTOR = 32;

    /** As many as one block of a bitmap tells of. */
    public static final int GROUP_BLOCKS = BLOCK * 8;

    /** The inode of the root directory. */
    public static final int ROOT_INODE = 2;

    /** The inode of the journal. */
    public static final int JOURNAL_INODE = 8;

    /** The first inode that is not reserved. */
    public static final int FIRST_INODE = 11;

    private Ext4() {}

    /** Returns a kind of file as directories tell it. */
    public static int type(NodeKind kind) {
        return switch (kind) {
            case FILE -> 1;
            case DIRECTORY -> 2;
            case CHARACTERS -> 3;
            case BLOCKS -> 4;
            case PIPE -> 5;
            case SOCKET -> 6;
            case LINK -> 7;
        };
    }

    /** Returns a block of a bitmap in which the first bits are set, and those behind the last there is. */
    public static byte[] bitmap(int used, int size) {
        byte[] bits = new byte[BLOCK];
        set(bits, 0, used);
        set(bits, size, GROUP_BLOCKS);
        return bits;
    }

    private static void set(byte[] bits, int from, int to) {
        for (int bit = from; bit < to; bit++) {
            if (bit % 8 == 0 && bit + 8 <= to) {
                bits[bit / 8] = (byte) 0xff;
                bit += 7;
            } else {
                bits[bit / 8] |= (byte) (1 << (bit % 8));
            }
        }
    }
}
