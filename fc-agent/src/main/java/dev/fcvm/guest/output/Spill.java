package dev.fcvm.guest.output;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The last bytes of an output that found no room in memory, in a file on the scratch disk that never grows beyond its
 * limit: the byte of number N lies at N modulo the limit. Not thread-safe: its owner's lock guards it.
 */
final class Spill {

    private final Path path;
    private final long limit;
    private @Nullable RandomAccessFile file;
    private long from;
    private long to;

    Spill(Path path, long limit) {
        this.path = path;
        this.limit = limit;
    }

    /** The number of the first byte it holds. */
    long from() {
        return from;
    }

    /** The number behind the last byte it holds. */
    long to() {
        return to;
    }

    /** Holds nothing, and what is added next begins with this number. */
    void begin(long at) {
        from = at;
        to = at;
    }

    /**
     * Adds the bytes that follow those it holds. The oldest go when there are too many; all, when they cannot be written.
     *
     * @return why they could not be written, or null
     */
    @Nullable IOException add(byte[] bytes, int start, int length) {
        int skipped = (int) Math.max(0, length - limit);
        long end = to + length;
        try {
            var open = open();
            for (int done = skipped; done < length; ) {
                long at = (to + done) % limit;
                int count = (int) Math.min(length - done, limit - at);
                open.seek(at);
                open.write(bytes, start + done, count);
                done += count;
            }
            to = end;
            from = Math.max(from, end - limit);
            return null;
        } catch (IOException e) {
            // What was overwritten in part is of no use to anyone.
            to = end;
            from = end;
            return e;
        }
    }

    /** Copies bytes from this number on; returns how many, at least one. */
    int read(long at, byte[] into) throws IOException {
        var open = open();
        long place = at % limit;
        int count = (int) Math.min(Math.min(into.length, to - at), limit - place);
        open.seek(place);
        open.readFully(into, 0, count);
        return count;
    }

    /** Forgets the bytes before this number; the file goes with the last. */
    void forget(long before) throws IOException {
        if (before <= from) {
            return;
        }
        from = before;
        if (from >= to) {
            to = from;
            delete();
        }
    }

    void delete() throws IOException {
        var open = file;
        if (open != null) {
            file = null;
            open.close();
            Files.deleteIfExists(path);
        }
    }

    private RandomAccessFile open() throws IOException {
        var open = file;
        if (open == null) {
            Path directory = path.getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            // What another boot of the machine has left is no part of this output.
            Files.deleteIfExists(path);
            open = new RandomAccessFile(path.toFile(), "rw");
            file = open;
        }
        return open;
    }
}
