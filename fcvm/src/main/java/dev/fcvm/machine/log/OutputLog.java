package dev.fcvm.machine.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The log of a container's output, for whoever supervises its machine. It lies in two files, of which the older is dropped
 * when the newer has grown to half of what both may hold; so the last of the output is always there. A log that was
 * closed, or whose writer was killed, is continued where it ends.
 */
public final class OutputLog implements AutoCloseable {

    /** What both files may hold together when nothing is said, in bytes. */
    public static final long DEFAULT_LIMIT = 10L << 20;

    /** The least that makes sense, in bytes. */
    public static final long LEAST_LIMIT = 4L << 10;

    private static final String CURRENT = "output.log";
    private static final String OLDER = "output.log.1";

    private final Path directory;
    private final long limit;
    private final Clock clock;
    private FileChannel file;
    private long size;
    private Position position;
    private Position run;
    /** Whether the file does not say where what comes next begins. */
    private boolean gap;

    private final List<OutputWatcher> watchers = new ArrayList<>();

    private OutputLog(Path directory, long limit, Clock clock, FileChannel file, End end) {
        this.directory = directory;
        this.limit = limit;
        this.clock = clock;
        this.file = file;
        this.size = end.size();
        this.position = end.position();
        this.run = end.run();
    }

    /**
     * Opens the log in a machine's directory, or begins it. What a killed writer left half written is cut off.
     *
     * @param limit what the files may hold together, in bytes
     * @throws IOException when the files cannot be read or written
     */
    public static OutputLog open(Path directory, long limit, Clock clock) throws IOException {
        Path current = directory.resolve(CURRENT);
        FileChannel file =
                FileChannel.open(current, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (file.size() < Segment.HEADER) {
                // New, or its writer was killed in the middle of its first words: the older one says where it began.
                End older = end(directory.resolve(OLDER));
                file.truncate(0);
                write(file, Segment.bytes(new Segment.Header(older.position(), older.run())), 0);
            }
            End end = end(file);
            file.truncate(end.size());
            return new OutputLog(directory, limit, clock, file, end);
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
    }

    /** Returns the files of a machine's log, the older first. */
    static Path[] files(Path directory) {
        return new Path[] {directory.resolve(OLDER), directory.resolve(CURRENT)};
    }

    /** Returns how far the outputs have come, of which all but what had to be dropped lies in the log. */
    public synchronized Position position() {
        return position;
    }

    /** Returns where the outputs were when the container was last started: the guest counts from there. */
    public synchronized Position run() {
        return run;
    }

    /**
     * Says that the container is started: what is appended next is the first of this run.
     *
     * @throws IOException when the log cannot be written
     */
    public synchronized void begin() throws IOException {
        append(Optional.empty(), ByteBuffer.allocate(0));
        run = position;
    }

    /** Says that the guest had to drop output: what is appended next begins here. */
    public synchronized void skipTo(Position next) {
        gap |= !next.equals(position);
        position = next;
    }

    /** Says that so many bytes of an output could not be appended. */
    public synchronized void miss(Output output, long bytes) {
        gap = true;
        position = position.plus(output, bytes);
    }

    /**
     * Appends what an output wrote, which may be read once this returns.
     *
     * @param bytes from its position to its limit; read to its end
     * @throws IOException when the log cannot be written; nothing of it then counts as written
     */
    public synchronized void append(Output output, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        watchers.removeIf(watcher -> !watcher.wrote(output, bytes.duplicate()));
        append(Optional.of(output), bytes);
        position = position.plus(output, length);
    }

    /**
     * Shows somebody what the container has written since it was last started, as far as it is still here, and then what
     * comes.
     *
     * @throws IOException when the log cannot be read
     */
    public synchronized void watch(OutputWatcher watcher) throws IOException {
        boolean wantsMore = true;
        for (Path segment : files(directory)) {
            wantsMore = wantsMore && show(segment, watcher);
        }
        if (wantsMore) {
            watchers.add(watcher);
        }
    }

    /** Shows what a file has of this run; returns whether more is wanted. */
    private boolean show(Path segment, OutputWatcher watcher) throws IOException {
        if (!Files.exists(segment)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
            Position at = Segment.header(channel).start();
            long offset = Segment.HEADER;
            for (Optional<LogRecord> record = Segment.read(channel, offset);
                    record.isPresent();
                    record = Segment.read(channel, offset)) {
                byte[] bytes = record.get().bytes();
                Optional<Output> output = record.get().output();
                boolean ofThisRun = at.stdout() >= run.stdout() && at.stderr() >= run.stderr();
                if (output.isPresent() && ofThisRun && !watcher.wrote(output.get(), ByteBuffer.wrap(bytes))) {
                    return false;
                }
                at = output.isPresent() ? at.plus(output.get(), bytes.length) : at;
                offset += Segment.RECORD_HEADER + bytes.length;
            }
            return true;
        }
    }

    private void append(Optional<Output> output, ByteBuffer bytes) throws IOException {
        boolean full = size > Segment.HEADER && size + Segment.RECORD_HEADER + bytes.remaining() > limit / 2;
        if (gap && size == Segment.HEADER) {
            write(file, Segment.bytes(new Segment.Header(position, run)), 0);
            gap = false;
        } else if (full || gap) {
            rotate();
        }
        int length = bytes.remaining();
        ByteBuffer record = ByteBuffer.allocate(Segment.RECORD_HEADER + length)
                .put(Segment.recordHeader(output, length, clock.instant()))
                .put(bytes)
                .flip();
        try {
            write(file, record, size);
        } catch (IOException failure) {
            file.truncate(size);
            throw failure;
        }
        size += Segment.RECORD_HEADER + length;
    }

    private void rotate() throws IOException {
        Path fresh = directory.resolve("." + CURRENT + ".tmp");
        FileChannel next = FileChannel.open(
                fresh,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            write(next, Segment.bytes(new Segment.Header(position, run)), 0);
            Files.move(directory.resolve(CURRENT), directory.resolve(OLDER), StandardCopyOption.ATOMIC_MOVE);
            Files.move(fresh, directory.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            next.close();
            throw failure;
        }
        file.close();
        file = next;
        size = Segment.HEADER;
        gap = false;
    }

    private static void write(FileChannel file, ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
    }

    /**
     * Where the whole records of a file end.
     *
     * @param size how long they are together, with the file's header
     * @param position where the outputs are then
     * @param run where they were when the container was last started
     */
    private record End(long size, Position position, Position run) {}

    private static End end(Path older) throws IOException {
        try (FileChannel file = FileChannel.open(older, StandardOpenOption.READ)) {
            return end(file);
        } catch (NoSuchFileException none) {
            return new End(0, Position.START, Position.START);
        }
    }

    private static End end(FileChannel file) throws IOException {
        Segment.Header header = Segment.header(file);
        Position position = header.start();
        Position run = header.run();
        long offset = Segment.HEADER;
        while (true) {
            Optional<LogRecord> record = Segment.read(file, offset);
            if (record.isEmpty()) {
                return new End(offset, position, run);
            }
            int length = record.get().bytes().length;
            if (record.get().output().isPresent()) {
                position = position.plus(record.get().output().get(), length);
            } else {
                run = position;
            }
            offset += Segment.RECORD_HEADER + length;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
