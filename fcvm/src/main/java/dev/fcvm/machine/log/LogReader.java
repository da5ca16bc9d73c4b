package dev.fcvm.machine.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads a log from its oldest record on, also while it is written and its files are exchanged. One that reads more slowly
 * than the container writes misses what has been dropped meanwhile.
 */
public final class LogReader implements AutoCloseable {

    private final Path directory;
    private FileChannel file;
    /** Tells files apart, whatever they are called by now: no two begin at the same place. */
    private Position start;

    private long offset = Segment.HEADER;

    private LogReader(Path directory, FileChannel file) throws IOException {
        this.directory = directory;
        this.file = file;
        this.start = Segment.header(file).start();
    }

    /**
     * Opens a machine's log.
     *
     * @return nothing when its container has never been started
     */
    public static Optional<LogReader> open(Path directory) throws IOException {
        Optional<FileChannel> first = earliest(directory, start -> true);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LogReader(directory, first.get()));
        } catch (IOException failure) {
            first.get().close();
            throw failure;
        }
    }

    /**
     * Opens the file that begins first of those wanted. The newer one is opened first: when the files are exchanged between
     * the two, what was the newer one is found as the older, and not missed.
     */
    private static Optional<FileChannel> earliest(Path directory, Predicate<Position> wanted) throws IOException {
        Path[] files = OutputLog.files(directory);
        Optional<FileChannel> newer = channel(files[1], wanted);
        Optional<FileChannel> older;
        try {
            older = channel(files[0], wanted);
        } catch (IOException failure) {
            close(newer);
            throw failure;
        }
        if (newer.isEmpty() || older.isEmpty()) {
            return newer.or(() -> older);
        }
        boolean inOrder = begins(older.get()) < begins(newer.get());
        close(inOrder ? newer : older);
        return inOrder ? older : newer;
    }

    private static long begins(FileChannel file) throws IOException {
        return bytes(Segment.header(file).start());
    }

    private static long bytes(Position position) {
        return position.stdout() + position.stderr();
    }

    private static void close(Optional<FileChannel> file) throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }

    /** Opens a file that has been begun; its writer may be about to. */
    private static Optional<FileChannel> channel(Path file, Predicate<Position> wanted) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
        try {
            if (channel.size() >= Segment.HEADER
                    && wanted.test(Segment.header(channel).start())) {
                return Optional.of(channel);
            }
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
        channel.close();
        return Optional.empty();
    }

    /** Returns what was written next; nothing when there is nothing, for now. */
    public Optional<LogRecord> next() throws IOException {
        while (true) {
            Optional<LogRecord> record = Segment.read(file, offset);
            if (record.isPresent()) {
                offset += Segment.RECORD_HEADER + record.get().bytes().length;
                if (record.get().output().isPresent()) {
                    return record;
                }
                continue;
            }
            Optional<FileChannel> newer = newer();
            if (newer.isEmpty()) {
                return Optional.empty();
            }
            // Ours may have been written to between our look and the exchange, but is not any more.
            if (Segment.read(file, offset).isPresent()) {
                newer.get().close();
            } else {
                goOnIn(newer.get());
            }
        }
    }

    /**
     * Returns the file that follows ours, as far as it is still there, else the next one that is; nothing when ours is the
     * last, and nothing as well when the machine has been removed.
     */
    private Optional<FileChannel> newer() throws IOException {
        return earliest(directory, begin -> bytes(begin) > bytes(start));
    }

    private void goOnIn(FileChannel newer) throws IOException {
        file.close();
        file = newer;
        start = Segment.header(newer).start();
        offset = Segment.HEADER;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
