package dev.fcvm.host.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes inodes, as struct ext4_inode of the kernel's documentation (filesystems/ext4/inodes) has them, with the times of
 * 64 bits.
 */
final class Inode {

    /** Where the number of names is. */
    static final int LINKS = 0x1a;

    /** The most names of a file; a directory with more has 1, which means many. */
    static final int MOST_LINKS = 65_000;

    static final int FLAG_INDEX = 0x1000;
    static final int FLAG_EXTENTS = 0x8_0000;

    private static final int CONTENT = 0x28;
    private static final int CONTENT_SIZE = 60;
    private static final int EXTRA = 32;
    private static final long EARLIEST = Integer.MIN_VALUE;
    private static final long LATEST = Integer.MAX_VALUE + (3L << 32);

    private Inode() {}

    /**
     * What the place for block numbers holds.
     *
     * @param bytes at most 60
     * @param size of the content
     * @param blocks that belong to the file, without those of its attributes
     * @param flags of the inode
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(byte[] bytes, long size, long blocks, int flags) {
        static final Content NONE = new Content(new byte[0], 0, 0, 0);
    }

    /** Writes an inode. */
    static void write(Blocks blocks, long number, FileMeta meta, Content content, int links) throws IOException {
        ByteBuffer inode = ByteBuffer.allocate(DiskShape.INODE).order(ByteOrder.LITTLE_ENDIAN);
        inode.putShort(0, (short) meta.mode());
        inode.putShort(0x2, (short) meta.uid());
        inode.putShort(0x78, (short) (meta.uid() >> 16));
        inode.putShort(0x18, (short) meta.gid());
        inode.putShort(0x7a, (short) (meta.gid() >> 16));
        inode.putInt(0x4, (int) content.size());
        inode.putInt(0x6c, (int) (content.size() >> 32));
        inode.putShort(LINKS, (short) links);
        inode.putInt(0x20, content.flags());
        inode.put(CONTENT, content.bytes());
        inode.putShort(0x80, (short) EXTRA);
        long seconds = Math.clamp(meta.seconds(), EARLIEST, LATEST);
        int extra = ((int) ((seconds - (int) seconds) >> 32) & 3) | (meta.nanos() << 2);
        // Access, change of the inode, of the content, and birth: a disk is the same whenever it is made.
        for (int[] time : new int[][] {{0x8, 0x8c}, {0xc, 0x84}, {0x10, 0x88}, {0x90, 0x94}}) {
            inode.putInt(time[0], (int) seconds);
            inode.putInt(time[1], extra);
        }
        long held = content.blocks();
        Attributes attributes = Attributes.of(meta.attributes());
        if (attributes.fitInto(DiskShape.INODE - Attributes.INODE_BEGIN)) {
            attributes.intoInode(inode);
        } else {
            long block = blocks.append(attributes.block(), 0);
            inode.putInt(0x68, (int) block);
            held++;
        }
        long sectors = held * (DiskShape.BLOCK / 512);
        inode.putInt(0x1c, (int) sectors);
        inode.putShort(0x74, (short) (sectors >> 32));
        blocks.inode(inode.clear(), number);
    }

    /** Content of a file whose blocks these are; blocks are taken for the list when it is long. */
    static Content of(Blocks blocks, List<Extent> extents, long size, int flags) throws IOException {
        long held = extents.stream().mapToLong(Extent::length).sum();
        ExtentTree tree = ExtentTree.of(blocks, extents, CONTENT_SIZE);
        return new Content(tree.root(), size, held + tree.blocks(), flags | FLAG_EXTENTS);
    }

    /** Content of a symbolic link. */
    static Content link(Blocks blocks, byte[] target) throws IOException {
        if (target.length < CONTENT_SIZE) {
            return new Content(target, target.length, 0, 0);
        }
        FileBlocks content = new FileBlocks(blocks);
        content.put(0, target, target.length);
        return content.finish(target.length);
    }

    /** Content of a device node: its number, in the short form where that holds it. */
    static Content device(int major, int minor) {
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        if (major < 256 && minor < 256) {
            number.putInt(0, (major << 8) | minor);
        } else {
            number.putInt(4, (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12));
        }
        return new Content(number.array(), 0, 0, 0);
    }
}
