package dev.fcvm.machine.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Reads a log from its oldest record on, also while it is written and its files are exchanged. One that reads more slowly
 * than the container writes misses what has been dropped meanwhile.
 */
public final class LogReader implements AutoCloseable {

    private final Path current;
    private FileChannel file;
    /** Tells files apart, whatever they are called by now: no two begin at the same place. */
    private Position start;

    private long offset = Segment.HEADER;

    private LogReader(Path current, FileChannel file) throws IOException {
        this.current = current;
        this.file = file;
        this.start = Segment.header(file).start();
    }

    /**
     * Opens a machine's log.
     *
     * @return nothing when its container has never been started
     */
    public static Optional<LogReader> open(Path directory) throws IOException {
        Path[] files = OutputLog.files(directory);
        Optional<FileChannel> older = channel(files[0]);
        Optional<FileChannel> first = older.isPresent() ? older : channel(files[1]);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LogReader(files[1], first.get()));
        } catch (IOException failure) {
            first.get().close();
            throw failure;
        }
    }

    /** Opens a file that has been begun; its writer may be about to. */
    private static Optional<FileChannel> channel(Path file) throws IOException {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            if (channel.size() >= Segment.HEADER) {
                return Optional.of(channel);
            }
            channel.close();
            return Optional.empty();
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
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

    /** Returns the current file, if it is another one than ours; nothing as well when the machine has been removed. */
    private Optional<FileChannel> newer() throws IOException {
        Optional<FileChannel> newest = channel(current);
        if (newest.isPresent() && Segment.header(newest.get()).start().equals(start)) {
            newest.get().close();
            return Optional.empty();
        }
        return newest;
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
