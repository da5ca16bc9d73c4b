package dev.fcvm.volume.ext4;

import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An inode as it lies on the disk, being written. */
final class InodeRecord {

    static final int EXTENTS = 0x80000;
    static final int INDEXED = 0x1000;
    static final int MAP = 40;
    static final int MAP_SIZE = 60;
    static final int EXTRA = 32;

    private static final int SECTORS_PER_BLOCK = Geometry.BLOCK / 512;

    /** More names than this are counted as one, which says "many". */
    private static final int MOST_LINKS = 64_998;

    private final ByteBuffer bytes = ByteBuffer.allocate(Geometry.INODE_SIZE).order(ByteOrder.LITTLE_ENDIAN);

    InodeRecord() {
        bytes.putShort(128, (short) EXTRA);
    }

    InodeRecord kind(NodeKind kind, int mode) {
        bytes.putShort(0, (short) (kind.bits() | mode));
        return this;
    }

    InodeRecord owner(int uid, int gid) {
        bytes.putShort(2, (short) uid).putShort(120, (short) (uid >>> 16));
        bytes.putShort(24, (short) gid).putShort(122, (short) (gid >>> 16));
        return this;
    }

    InodeRecord size(long size) {
        bytes.putInt(4, (int) size).putInt(108, (int) (size >>> 32));
        return this;
    }

    InodeRecord links(int links) {
        bytes.putShort(26, (short) (links > MOST_LINKS ? 1 : links));
        return this;
    }

    InodeRecord blocks(long blocks) {
        long sectors = blocks * SECTORS_PER_BLOCK;
        bytes.putInt(28, (int) sectors).putShort(116, (short) (sectors >>> 32));
        return this;
    }

    InodeRecord flags(int flags) {
        bytes.putInt(32, flags);
        return this;
    }

    InodeRecord attributes(long block) {
        bytes.putInt(104, (int) block);
        return this;
    }

    InodeRecord times(FileTime accessed, FileTime modified, FileTime changed) {
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

    /** The place for the map of its blocks, a short link or a device's number. */
    InodeRecord map(byte[] map) {
        bytes.put(MAP, map);
        return this;
    }

    InodeRecord device(int major, int minor) {
        if (major < 256 && minor < 256) {
            bytes.putInt(MAP, (major << 8) | minor);
        } else {
            bytes.putInt(MAP + 4, (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12));
        }
        return this;
    }

    ByteBuffer bytes() {
        return bytes.duplicate().position(0);
    }
}
