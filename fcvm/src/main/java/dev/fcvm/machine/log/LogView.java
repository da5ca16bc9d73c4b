package dev.fcvm.machine.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Shows a log: each output's bytes where the caller wants them, unchanged but for the times of lines when they are asked
 * for. Closing closes the log's files, not where they are shown.
 */
public final class LogView implements AutoCloseable {

    /** Podman's: nanoseconds, and the zone by its offset. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSxxx");

    private final LogQuery query;
    private final ZoneId zone;
    private final Map<Output, OutputStream> targets;
    private final LogReader reader;
    /** Whether an output's next byte begins a line, and whether the line it is in is shown. */
    private final Map<Output, Boolean> begins = new EnumMap<>(Output.class);

    private final Map<Output, Boolean> shown = new EnumMap<>(Output.class);
    private long skip;

    private LogView(LogQuery query, ZoneId zone, Map<Output, OutputStream> targets, LogReader reader, long skip) {
        this.query = query;
        this.zone = zone;
        this.targets = Map.copyOf(targets);
        this.reader = reader;
        this.skip = skip;
    }

    /**
     * Opens the log in a machine's directory.
     *
     * @param zone of the times
     * @param targets where each output is shown; one that is missing is not
     * @return nothing when there is no log
     */
    public static Optional<LogView> open(Path directory, LogQuery query, ZoneId zone, Map<Output, OutputStream> targets)
            throws IOException {
        long skip = 0;
        if (query.tail().isPresent()) {
            Optional<LogReader> counted = LogReader.open(directory);
            if (counted.isEmpty()) {
                return Optional.empty();
            }
            try (LogReader all = counted.get();
                    LogView counter = new LogView(query, zone, Map.of(), all, 0)) {
                skip = Math.max(0, counter.count() - query.tail().getAsLong());
            }
        }
        long lines = skip;
        return LogReader.open(directory).map(reader -> new LogView(query, zone, targets, reader, lines));
    }

    /** Shows what is there by now, and returns whether there was anything. */
    public boolean show() throws IOException {
        boolean any = false;
        for (Optional<LogRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
            show(record.get());
            any = true;
        }
        return any;
    }

    private long count() throws IOException {
        long lines = 0;
        for (Optional<LogRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
            if (isWanted(record.get())) {
                lines += beginnings(record.get());
            }
        }
        return lines;
    }

    private boolean isWanted(LogRecord record) {
        return query.since().filter(record.time()::isBefore).isEmpty()
                && query.until().filter(record.time()::isAfter).isEmpty();
    }

    private long beginnings(LogRecord record) {
        long lines = 0;
        for (int from = 0; from < record.bytes().length; from = lineEnd(record, from)) {
            if (begins.getOrDefault(output(record), true)) {
                lines++;
            }
            begins.put(output(record), record.bytes()[lineEnd(record, from) - 1] == '\n');
        }
        return lines;
    }

    private void show(LogRecord record) throws IOException {
        if (!isWanted(record)) {
            return;
        }
        Output output = output(record);
        OutputStream target = targets.getOrDefault(output, OutputStream.nullOutputStream());
        if (isWhole(record)) {
            target.write(record.bytes());
            target.flush();
            return;
        }
        for (int from = 0; from < record.bytes().length; from = lineEnd(record, from)) {
            int to = lineEnd(record, from);
            if (begins.getOrDefault(output, true)) {
                shown.put(output, skip <= 0);
                skip--;
                if (shown.get(output) && query.timestamps()) {
                    target.write((TIME.format(record.time().atZone(zone)) + " ").getBytes(StandardCharsets.UTF_8));
                }
            }
            if (shown.getOrDefault(output, true)) {
                target.write(record.bytes(), from, to - from);
            }
            begins.put(output, record.bytes()[to - 1] == '\n');
        }
        target.flush();
    }

    private static Output output(LogRecord record) {
        return record.output().orElseThrow();
    }

    /** Returns whether all of it is shown as it is. */
    private boolean isWhole(LogRecord record) {
        return skip <= 0 && !query.timestamps() && shown.getOrDefault(output(record), true);
    }

    /** Returns where the line that this byte is in ends in the record, its line feed included. */
    private static int lineEnd(LogRecord record, int from) {
        byte[] bytes = record.bytes();
        for (int at = from; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                return at + 1;
            }
        }
        return bytes.length;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
