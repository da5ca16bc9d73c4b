package dev.fcvm.host.disk;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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
record Description(DiskShape shape, long nextBlock, long nextInode, int[] directories) {

    private static final int COMPATIBLE = Superblock.ATTRIBUTES | Superblock.INDEXES | 0x200; // sparse_super2
    private static final int INCOMPATIBLE = Superblock.FILETYPE | Superblock.EXTENTS | 0x200; // flex_bg
    private static final int READ_ONLY = Superblock.USUAL_READ_ONLY | 0x10; // uninit_bg

    private static final int INODES_UNUSED = 0x1;
    private static final int BLOCKS_UNUSED = 0x2;
    private static final int INODES_ZEROED = 0x4;
    private static final int CHECKSUM_AT = 0x1e;

    void write(Blocks blocks) throws IOException {
        ByteBuffer descriptors = ByteBuffer.allocate(shape.groups() * Ext4.DESCRIPTOR);
        descriptors.order(ByteOrder.LITTLE_ENDIAN);
        for (int group = 0; group < shape.groups(); group++) {
            describe(
                    blocks,
                    group,
                    descriptors.slice(group * Ext4.DESCRIPTOR, Ext4.DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN));
        }
        blocks.put(descriptors.clear(), Ext4.BLOCK);
        blocks.put(superblock(), Superblock.OFFSET);
    }

    private void describe(Blocks blocks, int group, ByteBuffer to) throws IOException {
        int held = shape.blocksOf(group);
        int taken = Math.clamp(nextBlock - (long) group * Ext4.GROUP_BLOCKS, 0, held);
        int most = shape.inodesPerGroup();
        int inodes = Math.clamp(nextInode - 1 - (long) group * most, 0, most);
        int flags = INODES_ZEROED; // the holes of a sparse file are zeros
        if (taken > 0 || group == shape.groups() - 1) {
            blocks.put(ByteBuffer.wrap(Ext4.bitmap(taken, held)), shape.blockBitmap(group) * Ext4.BLOCK);
        } else {
            flags |= BLOCKS_UNUSED;
        }
        if (inodes > 0) {
            blocks.put(ByteBuffer.wrap(Ext4.bitmap(inodes, most)), shape.inodeBitmap(group) * Ext4.BLOCK);
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

    private short checksum(int group, ByteBuffer descriptor) {
        ByteBuffer all = ByteBuffer.allocate(16 + 4 + CHECKSUM_AT).order(ByteOrder.LITTLE_ENDIAN);
        all.put(shape.uuidBytes()).putInt(group).put(descriptor.slice(0, CHECKSUM_AT));
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
        return new Superblock(
                        shape.blocks(),
                        shape.inodes(),
                        shape.inodesPerGroup(),
                        shape.uuidBytes(),
                        shape.label(),
                        shape.uuidBytes())
                .free(shape.blocks() - nextBlock, shape.inodes() - nextInode + 1)
                .features(COMPATIBLE, INCOMPATIBLE, READ_ONLY)
                .onErrors(1)
                .mountOptions(0x4 | 0x8) // user_xattr, acl
                .groupsTogether(4)
                .bytes();
    }
}
