package dev.fcvm.snapshot;

import dev.fcvm.host.file.SparseFiles;
import dev.fcvm.host.file.SparseFiles.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A checksum of a file with holes, which are not read: SHA-256 of all its pieces of 1 MiB that are not zeros alone, each
 * behind its number (8 bytes, big-endian), and of its size. Whether zeros are written or a hole makes no difference.
 */
final class ContentDigest {

    private static final int PIECE = 1 << 20;

    /** What of a piece is written to a copy, or left a hole. */
    private static final int BLOCK = 64 << 10;

    private static final byte[] ZEROS = new byte[PIECE];

    private final MessageDigest digest;

    private ContentDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException never) {
            throw new AssertionError("every Java has SHA-256", never);
        }
    }

    /** Returns a file's. */
    static String of(Path file) throws IOException {
        return new ContentDigest().read(file, Optional.empty());
    }

    /**
     * Copies a file without its zeros into a new one, which must be there and empty, and returns the checksum of
     * it. A link is not followed: a monitor may have put it there.
     */
    static String copying(Path from, Path to) throws IOException {
        try (FileChannel target = FileChannel.open(to, Set.of(StandardOpenOption.WRITE))) {
            String text = new ContentDigest().read(from, Optional.of(target));
            SparseFiles.setSize(to, Files.size(from));
            return text;
        }
    }

    private String read(Path file, Optional<FileChannel> copy) throws IOException {
        List<Extent> extents = SparseFiles.extents(file);
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = source.size();
            byte[] piece = new byte[PIECE];
            long next = 0;
            for (Iterator<Extent> all = extents.iterator(); all.hasNext(); ) {
                Extent extent = all.next();
                long last = (extent.offset() + extent.length() - 1) / PIECE;
                for (long number = Math.max(next, extent.offset() / PIECE); number <= last; number++) {
                    int length = fill(source, number * PIECE, piece);
                    if (Arrays.mismatch(piece, 0, length, ZEROS, 0, length) >= 0) {
                        take(number, piece, length);
                        write(copy, number * PIECE, piece, length);
                    }
                    next = number + 1;
                }
            }
            return finish(size);
        }
    }

    private static int fill(FileChannel source, long offset, byte[] piece) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(piece);
        int read;
        do {
            read = source.read(buffer, offset + buffer.position());
        } while (read > 0 && buffer.hasRemaining());
        return buffer.position();
    }

    private void take(long number, byte[] piece, int length) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
        digest.update(piece, 0, length);
    }

    private static void write(Optional<FileChannel> copy, long offset, byte[] piece, int length) throws IOException {
        if (copy.isEmpty()) {
            return;
        }
        for (int at = 0; at < length; at += BLOCK) {
            int end = Math.min(length, at + BLOCK);
            if (Arrays.mismatch(piece, at, end, ZEROS, at, end) >= 0) {
                ByteBuffer block = ByteBuffer.wrap(piece, at, end - at);
                while (block.hasRemaining()) {
                    copy.get().write(block, offset + block.position());
                }
            }
        }
    }

    private String finish(long size) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }
}
