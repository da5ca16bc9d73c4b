package dev.fcvm.host.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes what describes the file system: the superblock, the descriptors of the groups and their bitmaps, as the kernel's
 * documentation has them (filesystems/ext4). Blocks and inodes are taken from the first on without a gap.
 *
 * @param shape of the disk
 * @param nextBlock the first that is free
 * @param nextInode the first that is free
 * @param directories how many of the inodes of each group are directories
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Superblock(DiskShape shape, long nextBlock, long nextInode, int[] directories) {

    private static final int COMPATIBLE = 0x8 | 0x20 | 0x200; // ext_attr, dir_index, sparse_super2
    private static final int INCOMPATIBLE = 0x2 | 0x40 | 0x200; // filetype, extent, flex_bg
    private static final int READ_ONLY = 0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40; // sparse_super … uninit_bg … extra_isize

    private static final int INODES_UNUSED = 0x1;
    private static final int BLOCKS_UNUSED = 0x2;
    private static final int INODES_ZEROED = 0x4;
    private static final int CHECKSUM_AT = 0x1e;

    void write(Blocks blocks) throws IOException {
        ByteBuffer descriptors = ByteBuffer.allocate(shape.groups() * DiskShape.DESCRIPTOR);
        descriptors.order(ByteOrder.LITTLE_ENDIAN);
        for (int group = 0; group < shape.groups(); group++) {
            describe(
                    blocks,
                    group,
                    descriptors
                            .slice(group * DiskShape.DESCRIPTOR, DiskShape.DESCRIPTOR)
                            .order(ByteOrder.LITTLE_ENDIAN));
        }
        blocks.put(descriptors.clear(), DiskShape.BLOCK);
        blocks.put(superblock(), 1024);
    }

    private void describe(Blocks blocks, int group, ByteBuffer to) throws IOException {
        int held = shape.blocksOf(group);
        int taken = Math.clamp(nextBlock - (long) group * DiskShape.GROUP_BLOCKS, 0, held);
        int most = shape.inodesPerGroup();
        int inodes = Math.clamp(nextInode - 1 - (long) group * most, 0, most);
        int flags = INODES_ZEROED; // the holes of a sparse file are zeros
        if (taken > 0 || group == shape.groups() - 1) {
            blocks.put(bitmap(taken, held), shape.blockBitmap(group) * DiskShape.BLOCK);
        } else {
            flags |= BLOCKS_UNUSED;
        }
        if (inodes > 0) {
            blocks.put(bitmap(inodes, most), shape.inodeBitmap(group) * DiskShape.BLOCK);
        } else {
            flags |= INODES_UNUSED;
        }
        to.putInt((int) shape.blockBitmap(group)).putInt((int) shape.inodeBitmap(group));
        to.putInt((int) shape.inodeTable(group));
        to.putShort((short) (held - taken)).putShort((short) (most - inodes));
        to.putShort((short) directories[group]).putShort((short) flags);
        to.putShort(0x1c, (short) (most - inodes));
        to.putShort(CHECKSUM_AT, checksum(group, to));
    }

    private static ByteBuffer bitmap(int taken, int there) {
        byte[] bits = new byte[DiskShape.BLOCK];
        for (int bit = 0; bit < DiskShape.GROUP_BLOCKS; bit++) {
            if (bit < taken || bit >= there) {
                bits[bit / 8] |= (byte) (1 << (bit % 8));
            }
        }
        return ByteBuffer.wrap(bits);
    }

    private short checksum(int group, ByteBuffer descriptor) {
        ByteBuffer all = ByteBuffer.allocate(16 + 4 + CHECKSUM_AT).order(ByteOrder.LITTLE_ENDIAN);
        all.put(TeaHash.seedBytes(shape.uuid())).putInt(group).put(descriptor.slice(0, CHECKSUM_AT));
        int sum = 0xffff;
        for (byte next : all.array()) {
            sum ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                sum = (sum & 1) == 0 ? sum >>> 1 : (sum >>> 1) ^ 0xa001;
            }
        }
        return (short) sum;
    }

    private ByteBuffer superblock() {
        ByteBuffer to = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        to.putInt(0, (int) shape.inodes());
        to.putInt(0x4, (int) shape.blocks());
        to.putInt(0xc, (int) (shape.blocks() - nextBlock));
        to.putInt(0x10, (int) (shape.inodes() - nextInode + 1));
        to.putInt(0x18, 2).putInt(0x1c, 2); // blocks of 1024 << 2 bytes
        to.putInt(0x20, DiskShape.GROUP_BLOCKS).putInt(0x24, DiskShape.GROUP_BLOCKS);
        to.putInt(0x28, shape.inodesPerGroup());
        to.putShort(0x36, (short) -1); // no check after so many mounts
        to.putShort(0x38, (short) 0xef53);
        to.putShort(0x3a, (short) 1); // clean
        to.putShort(0x3c, (short) 1); // go on after errors
        to.putInt(0x4c, 1); // inodes of any size
        to.putInt(0x54, DiskShape.FIRST_INODE);
        to.putShort(0x58, (short) DiskShape.INODE);
        to.putInt(0x5c, COMPATIBLE).putInt(0x60, INCOMPATIBLE).putInt(0x64, READ_ONLY);
        to.put(0x68, TeaHash.seedBytes(shape.uuid()));
        to.put(0x78, shape.label().getBytes(StandardCharsets.UTF_8));
        to.put(0xec, TeaHash.seedBytes(shape.uuid()));
        to.put(0xfc, (byte) TeaHash.VERSION);
        to.putInt(0x100, 0x4 | 0x8); // user_xattr, acl
        to.putShort(0x15c, (short) 32).putShort(0x15e, (short) 32); // what inodes have beyond 128 bytes
        to.putInt(0x160, 0x2); // hashes of unsigned bytes
        to.put(0x174, (byte) 4); // groups are taken 16 at a time
        return to;
    }
}
