package dev.fcvm.host.ext4;

import dev.fcvm.host.nodes.FileTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An inode as it lies on the disk, being written: struct ext4_inode of the kernel's documentation (filesystems/ext4/inodes),
 * with times of 64 bits.
 */
public final class InodeRecord {

    /** Says that the blocks are a tree of extents. */
    public static final int EXTENTS = 0x80000;

    /** Where the number of names is. */
    public static final int LINKS = 26;

    /** The most names of a file; a directory with more has 1, which means many. */
    public static final int MOST_LINKS = 65_000;

    /** Where the place for the map of its blocks is, a short link or a device's number. */
    public static final int MAP = 40;

    /** How many bytes that has. */
    public static final int MAP_SIZE = 60;

    static final int INDEXED = 0x1000;
    static final int EXTRA = 32;

    private static final int SECTORS_PER_BLOCK = Ext4.BLOCK / 512;

    private final ByteBuffer bytes = ByteBuffer.allocate(Ext4.INODE).order(ByteOrder.LITTLE_ENDIAN);

    /** With nothing in it. */
    public InodeRecord() {
        bytes.putShort(128, (short) EXTRA);
    }

    /** What it is and who may do what with it, as stat(2) says it. */
    public InodeRecord mode(int mode) {
        bytes.putShort(0, (short) mode);
        return this;
    }

    /** Whose it is. */
    public InodeRecord owner(int uid, int gid) {
        bytes.putShort(2, (short) uid).putShort(120, (short) (uid >>> 16));
        bytes.putShort(24, (short) gid).putShort(122, (short) (gid >>> 16));
        return this;
    }

    /** How many names it has. */
    public InodeRecord links(int links) {
        bytes.putShort(LINKS, (short) (links >= MOST_LINKS ? 1 : links));
        return this;
    }

    /**
     * What is in it.
     *
     * @param blocks take what of the attributes does not fit into it
     */
    public InodeRecord content(InodeContent content, Attributes attributes, BlockSink blocks) throws IOException {
        bytes.putInt(4, (int) content.size()).putInt(108, (int) (content.size() >>> 32));
        bytes.putInt(32, content.flags());
        bytes.put(MAP, content.bytes());
        long held = content.blocks();
        if (attributes.fitInto(Ext4.INODE - Attributes.INODE_BEGIN)) {
            attributes.intoInode(bytes);
        } else {
            bytes.putInt(104, (int) blocks.append(attributes.block(), 0));
            held++;
        }
        long sectors = held * SECTORS_PER_BLOCK;
        bytes.putInt(28, (int) sectors).putShort(116, (short) (sectors >>> 32));
        return this;
    }

    /** When it was read, when its content changed, and when anything of it did. */
    public InodeRecord times(FileTime accessed, FileTime modified, FileTime changed) {
        time(8, 140, accessed);
        time(12, 132, changed);
        time(16, 136, modified);
        time(144, 148, changed);
        return this;
    }

    /** The low 32 bits have a sign; two more extend them, beside the nanoseconds. */
    private void time(int at, int extra, FileTime time) {
        long seconds = Math.clamp(time.seconds(), Integer.MIN_VALUE, (1L << 34) - (1L << 31) - 1);
        int low = (int) seconds;
        int epoch = (int) ((seconds - low) >> 32) & 3;
        bytes.putInt(at, low).putInt(extra, epoch | (time.nanos() << 2));
    }

    /** Returns it. */
    public ByteBuffer bytes() {
        return bytes.duplicate().position(0);
    }
}
