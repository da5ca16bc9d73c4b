package dev.fcvm.host.disk;

import dev.fcvm.host.ext4.Ext4;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What a disk is like before anything is in it. All that describes the file system lies at its beginning, with a place
 * for every inode there may be; the file is sparse, so what is not used takes no room.
 *
 * @param bytes its size; what is no whole block is left
 * @param files how many files, directories and links it may hold, as far as its size allows
 * @param uuid of the file system, by which its directories are hashed too
 * @param label at most 16 bytes
 */
public record DiskShape(long bytes, long files, UUID uuid, String label) {

    private static final int INODES_A_BLOCK = Ext4.BLOCK / Ext4.INODE;

    public DiskShape {
        if (bytes / Ext4.BLOCK > 0xffff_ffffL || label.getBytes(StandardCharsets.UTF_8).length > 16) {
            throw new IllegalArgumentException("a disk of %d bytes, labelled %s".formatted(bytes, label));
        }
    }

    /** The UUID as the superblock has it; the seed of the names' hashes is the same. */
    byte[] uuidBytes() {
        return ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    long blocks() {
        return bytes / Ext4.BLOCK;
    }

    int groups() {
        return Math.toIntExact((blocks() + Ext4.GROUP_BLOCKS - 1) / Ext4.GROUP_BLOCKS);
    }

    int blocksOf(int group) {
        return (int) Math.min(Ext4.GROUP_BLOCKS, blocks() - (long) group * Ext4.GROUP_BLOCKS);
    }

    int inodesPerGroup() {
        long wanted = (files + Ext4.FIRST_INODE + groups() - 1) / groups();
        long rounded = (wanted + INODES_A_BLOCK - 1) / INODES_A_BLOCK * INODES_A_BLOCK;
        return Math.clamp(rounded, INODES_A_BLOCK, Ext4.GROUP_BLOCKS);
    }

    long inodes() {
        return (long) inodesPerGroup() * groups();
    }

    private long descriptorBlocks() {
        return ((long) groups() * Ext4.DESCRIPTOR + Ext4.BLOCK - 1) / Ext4.BLOCK;
    }

    /** The block with the bitmap of a group's blocks. */
    long blockBitmap(int group) {
        return 1 + descriptorBlocks() + group;
    }

    /** The block with the bitmap of a group's inodes. */
    long inodeBitmap(int group) {
        return blockBitmap(groups()) + group;
    }

    /** The first block of a group's inodes. */
    long inodeTable(int group) {
        return inodeBitmap(groups()) + (long) group * (inodesPerGroup() / INODES_A_BLOCK);
    }

    /** The first block that is free for content. */
    long firstFree() {
        return inodeTable(groups());
    }

    /** Where an inode lies in the file. */
    long inodeAt(long number) {
        return inodeTable(0) * Ext4.BLOCK + (number - 1) * Ext4.INODE;
    }
}
