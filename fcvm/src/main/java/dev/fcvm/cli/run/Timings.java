package dev.fcvm.cli.run;

import dev.fcvm.machine.session.Phase;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Notes when each phase of a run was reached, in milliseconds from the start of the command. */
public final class Timings {

    private final long originNanos;
    private final Map<Phase, Long> reached = new EnumMap<>(Phase.class);

    private Timings(long originNanos) {
        this.originNanos = originNanos;
    }

    /** Begins at the start of the command, by {@link System#nanoTime}. */
    public static Timings since(long startedNanos) {
        return new Timings(startedNanos);
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
                .collect(Collectors.joining("\n", "ms from the start of the command:\n", ""));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
    }
}
