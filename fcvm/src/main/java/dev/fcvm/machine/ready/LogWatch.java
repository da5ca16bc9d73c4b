package dev.fcvm.machine.ready;

import dev.fcvm.agent.GuestText;
import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.log.OutputWatcher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Looks at each line a container writes for a pattern. It sees them on their way into the log, so that none is missed
 * however fast they come. A line of more than 4 KiB is looked at in parts.
 */
final class LogWatch implements OutputWatcher {

    private static final int LONGEST_LINE = 4 << 10;

    private final Pattern pattern;
    private final Map<Output, Line> lines = new EnumMap<>(Output.class);
    private final CompletableFuture<Optional<String>> outcome = new CompletableFuture<>();
    private volatile String last = "";

    LogWatch(String pattern) {
        this.pattern = Pattern.compile(pattern);
    }

    /** Completes when a line has been found: with nothing; or, when none can be, with why. */
    CompletableFuture<Optional<String>> outcome() {
        return outcome;
    }

    /** Returns the last whole line, harmless; empty when there was none. */
    String last() {
        return last;
    }

    /** Looks no more. */
    void close() {
        outcome.cancel(false);
    }

    @Override
    public boolean wrote(Output output, ByteBuffer bytes) {
        Line line = lines.computeIfAbsent(output, _ -> new Line());
        while (bytes.hasRemaining() && !outcome.isDone()) {
            byte next = bytes.get();
            if (next == '\n') {
                look(line.take());
            } else if (line.add(next)) {
                look(line.take());
            }
        }
        return !outcome.isDone();
    }

    private void look(String line) {
        last = GuestText.harmless(line, Look.LONGEST);
        try {
            if (pattern.matcher(new BoundedText(line)).find()) {
                outcome.complete(Optional.empty());
            }
        } catch (BoundedText.TooDear | StackOverflowError dear) {
            outcome.complete(Optional.of("the pattern needs too long for a line of " + line.length()
                    + " characters; write it without repetitions within repetitions"));
        }
    }

    /** The beginning of a line. */
    private static final class Line {

        private byte[] bytes = new byte[256];
        private int length;

        /** Adds a byte, and returns whether it is as long as it may be. */
        boolean add(byte next) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            bytes[length++] = next;
            return length == LONGEST_LINE;
        }

        String take() {
            int end = length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
            length = 0;
            return new String(bytes, 0, end, StandardCharsets.UTF_8);
        }
    }
}
