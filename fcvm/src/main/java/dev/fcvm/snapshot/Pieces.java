package dev.fcvm.snapshot;

import dev.fcvm.host.file.SparseFiles;
import dev.fcvm.host.file.SparseFiles.Extent;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A large file with holes as it is written into a stream: pieces of at most {@value #LONGEST} bytes that are not zeros
 * alone, each behind its offset (8 bytes, big-endian) and its length (4 bytes), in order; at the end the size of the file
 * and a length of 0.
 */
final class Pieces {

    private static final int LONGEST = 1 << 16;
    private static final byte[] ZEROS = new byte[LONGEST];

    private Pieces() {}

    static void write(Path file, DataOutputStream to) throws IOException {
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            byte[] piece = new byte[LONGEST];
            for (Extent extent : SparseFiles.extents(file)) {
                long end = extent.offset() + extent.length();
                for (long at = extent.offset(); at < end; at += LONGEST) {
                    int length = fill(source, at, piece, (int) Math.min(LONGEST, end - at));
                    if (Arrays.mismatch(piece, 0, length, ZEROS, 0, length) >= 0) {
                        to.writeLong(at);
                        to.writeInt(length);
                        to.write(piece, 0, length);
                    }
                }
            }
            to.writeLong(source.size());
            to.writeInt(0);
        }
    }

    private static int fill(FileChannel source, long offset, byte[] piece, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(piece, 0, length);
        int read;
        do {
            read = source.read(buffer, offset + buffer.position());
        } while (read > 0 && buffer.hasRemaining());
        return buffer.position();
    }

    /** Asked before a piece is written. */
    @FunctionalInterface
    interface Room {
        /** Refuses so many bytes more when the disk has no room for them. */
        void take(int bytes) throws IOException;
    }

    /**
     * Reads what {@link #write} wrote, into a file that is there and empty.
     *
     * @param size the length it must have
     * @throws IOException when the stream is no such file, or one of another length
     */
    static void read(DataInputStream from, Path file, long size, Room room) throws IOException {
        try (FileChannel target = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            byte[] piece = new byte[LONGEST];
            long next = 0;
            while (true) {
                long at = from.readLong();
                int length = from.readInt();
                if (at < next || at > size || length < 0 || length > LONGEST || length > size - at) {
                    throw new IOException("a piece of " + file.getFileName() + " lies outside of it");
                }
                if (length == 0) {
                    if (at != size) {
                        throw new IOException(file.getFileName() + " has another size than the manifest says");
                    }
                    break;
                }
                from.readFully(piece, 0, length);
                room.take(length);
                ByteBuffer bytes = ByteBuffer.wrap(piece, 0, length);
                while (bytes.hasRemaining()) {
                    target.write(bytes, at + bytes.position());
                }
                next = at + length;
            }
        }
        SparseFiles.setSize(file, size);
    }
}
