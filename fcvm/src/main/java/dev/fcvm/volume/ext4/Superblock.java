package dev.fcvm.volume.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes superblocks and the descriptors of groups. */
final class Superblock {

    static final int OFFSET = 1024;
    static final int SIZE = 1024;
    static final int MAGIC = 0xEF53;
    static final int HAS_JOURNAL = 4;
    static final int ATTRIBUTES = 8;
    static final int INDEXES = 0x20;
    static final int FILETYPE = 2;
    static final int RECOVER = 4;
    static final int EXTENTS = 0x40;
    static final int READ_ONLY_FEATURES = 1 | 2 | 8 | 0x20 | 0x40;
    static final int UNSIGNED_HASH = 2;

    private static final int FOREVER = 0xffff;
    private static final int REMOUNT_READ_ONLY = 2;

    private Superblock() {}

    /** What is known when all else has been written. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(
            Geometry geometry,
            long freeBlocks,
            long freeInodes,
            boolean journal,
            byte[] uuid,
            String label,
            int[] seed,
            long seconds,
            byte[] journalMap,
            long journalSize) {}

    static ByteBuffer of(Content content, int group) {
        Geometry geometry = content.geometry();
        ByteBuffer block = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        int now = (int) content.seconds();
        block.putInt(0x00, geometry.inodes())
                .putInt(0x04, (int) geometry.blocks())
                .putInt(0x0C, (int) content.freeBlocks())
                .putInt(0x10, (int) content.freeInodes())
                .putInt(0x18, 2)
                .putInt(0x1C, 2)
                .putInt(0x20, Geometry.BLOCKS_PER_GROUP)
                .putInt(0x24, Geometry.BLOCKS_PER_GROUP)
                .putInt(0x28, geometry.inodesPerGroup())
                .putInt(0x30, now)
                .putShort(0x36, (short) FOREVER)
                .putShort(0x38, (short) MAGIC)
                .putShort(0x3A, (short) 1)
                .putShort(0x3C, (short) REMOUNT_READ_ONLY)
                .putInt(0x40, now)
                .putInt(0x4C, 1)
                .putInt(0x54, Geometry.FIRST_INODE)
                .putShort(0x58, (short) Geometry.INODE_SIZE)
                .putShort(0x5A, (short) group)
                .putInt(0x5C, ATTRIBUTES | INDEXES | (content.journal() ? HAS_JOURNAL : 0))
                .putInt(0x60, FILETYPE | EXTENTS)
                .putInt(0x64, READ_ONLY_FEATURES)
                .put(0x68, content.uuid())
                .put(0x78, content.label().getBytes(StandardCharsets.US_ASCII))
                .put(0xFC, (byte) NameHash.VERSION)
                .putInt(0x108, now)
                .putShort(0x15C, (short) InodeRecord.EXTRA)
                .putShort(0x15E, (short) InodeRecord.EXTRA)
                .putInt(0x160, UNSIGNED_HASH);
        for (int i = 0; i < content.seed().length; i++) {
            block.putInt(0xEC + 4 * i, content.seed()[i]);
        }
        if (content.journal()) {
            block.putInt(0xE0, Geometry.JOURNAL).put(0xFD, (byte) 1).put(0x10C, content.journalMap());
            block.putInt(0x10C + 15 * 4, (int) (content.journalSize() >>> 32));
            block.putInt(0x10C + 16 * 4, (int) content.journalSize());
        }
        return block;
    }
}
