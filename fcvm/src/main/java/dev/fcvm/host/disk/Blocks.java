package dev.fcvm.host.disk;

import dev.fcvm.host.ext4.BlockSink;
import dev.fcvm.host.ext4.DiskFullException;
import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.InodeRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The blocks of a disk that is being written: content goes into one after the other, inodes to their places. */
final class Blocks implements BlockSink, Closeable {

    private static final int BUFFER = 1 << 20;
    private static final int INODES = 1 << 16;

    private final DiskShape shape;
    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer inodes = ByteBuffer.allocateDirect(INODES);
    private long inodesAt;
    private long next;

    private Blocks(DiskShape shape, FileChannel file) {
        this.shape = shape;
        this.file = file;
        this.next = shape.firstFree();
    }

    /** Opens a new file. */
    static Blocks create(Path file, DiskShape shape) throws IOException {
        if (shape.firstFree() >= shape.blocks()) {
            throw new IOException("a disk of %d bytes has no room for what describes it".formatted(shape.bytes()));
        }
        return new Blocks(
                shape,
                FileChannel.open(
                        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** The first block that is not taken. */
    long next() {
        return next;
    }

    @Override
    public long append(byte[] bytes, int offset) throws IOException {
        if (next >= shape.blocks()) {
            throw new DiskFullException("its content is larger than the disk");
        }
        buffer.put(bytes, offset, Ext4.BLOCK);
        long taken = next++;
        if (!buffer.hasRemaining()) {
            flush();
        }
        return taken;
    }

    private void flush() throws IOException {
        buffer.flip();
        long position = next * Ext4.BLOCK - buffer.limit();
        put(buffer, position);
        buffer.clear();
    }

    /** Writes an inode; those that follow one another are written together. */
    void inode(ByteBuffer inode, long number) throws IOException {
        long position = shape.inodeAt(number);
        if (position != inodesAt + inodes.position() || inodes.remaining() < inode.remaining()) {
            flushInodes();
            inodesAt = position;
        }
        inodes.put(inode);
    }

    private void flushInodes() throws IOException {
        put(inodes.flip(), inodesAt);
        inodes.clear();
    }

    /** Writes what describes the file system. */
    void put(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
    }

    /** Counts one more name of an inode that has been written. */
    void link(long inode) throws IOException {
        long position = shape.inodeAt(inode) + InodeRecord.LINKS;
        int links = number(position) + 1;
        if (links > InodeRecord.MOST_LINKS) {
            throw new IOException(
                    "a file has more than %d names, which ext4 cannot hold".formatted(InodeRecord.MOST_LINKS));
        }
        put(
                ByteBuffer.allocate(2)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort((short) links)
                        .flip(),
                position);
    }

    /** Returns the mode of an inode that has been written. */
    int mode(long inode) throws IOException {
        return number(shape.inodeAt(inode));
    }

    private int number(long position) throws IOException {
        flushInodes();
        ByteBuffer bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("the disk was cut off while it was written");
            }
        }
        return bytes.getShort(0) & 0xffff;
    }

    /** Writes what is left, and gives the file its full length. */
    void finish() throws IOException {
        flush();
        flushInodes();
        long end = shape.blocks() * Ext4.BLOCK;
        if (file.size() < end) {
            put(ByteBuffer.allocate(1), end - 1);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
