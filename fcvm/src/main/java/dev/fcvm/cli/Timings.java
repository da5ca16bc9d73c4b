package dev.fcvm.cli;

import dev.fcvm.machine.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.stream.Collectors;

/** Notes when each phase of a run was reached, in milliseconds from the start of the process. */
final class Timings {

    private static final long MILLIS_PER_TICK = 10; // proc(5): the kernel reports in hundredths of a second
    private static final int START_TIME = 19; // its index among the fields behind the command's name

    private final long originNanos;
    private final Map<Phase, Long> reached = new EnumMap<>(Phase.class);

    private Timings(long originNanos) {
        this.originNanos = originNanos;
    }

    /** Begins at the start of this process, as well as the kernel knows it: to a hundredth of a second. */
    static Timings sinceProcessStart() {
        return new Timings(System.nanoTime() - ageMillis() * 1_000_000);
    }

    synchronized void note(Phase phase) {
        reached.putIfAbsent(phase, System.nanoTime() - originNanos);
    }

    /** Returns the report, as text or as JSON on one line. */
    synchronized String report(boolean json) {
        if (json) {
            return reached.entrySet().stream()
                    .map(entry -> "\"%s\":%s".formatted(entry.getKey().label(), millis(entry.getValue())))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return reached.entrySet().stream()
                .map(entry -> "  %-18s %9s".formatted(entry.getKey().label(), millis(entry.getValue())))
                .collect(Collectors.joining("\n", "ms from the start of the process:\n", ""));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
    }

    private static long ageMillis() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            var fields = new StringTokenizer(stat.substring(stat.lastIndexOf(')') + 2));
            for (int skipped = 0; skipped < START_TIME; skipped++) {
                fields.nextToken();
            }
            double uptime =
                    Double.parseDouble(new StringTokenizer(Files.readString(Path.of("/proc/uptime"))).nextToken());
            return Math.max(0, Math.round(uptime * 1000) - Long.parseLong(fields.nextToken()) * MILLIS_PER_TICK);
        } catch (IOException noProc) {
            return 0;
        }
    }
}
