package dev.fcvm.image;

import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an image wants its container's health to be checked, as {@code HEALTHCHECK} has written it down. Times are in
 * nanoseconds; 0 is for what is not said.
 *
 * @param test {@code CMD} and the words of a command, {@code CMD-SHELL} and a line for the shell, or {@code NONE}
 * @param interval between two checks
 * @param timeout of one
 * @param startPeriod how long it may fail at first
 * @param retries failures in a row until it counts as unhealthy
 */
@Json
public record ImageHealthcheck(List<String> test, long interval, long timeout, long startPeriod, int retries) {

    /** Podman's least. */
    private static final long LEAST = Duration.ofSeconds(1).toNanos();

    private static final long MOST = Duration.ofDays(365).toNanos();

    public ImageHealthcheck {
        test = List.copyOf(test);
    }

    /** Returns the same as flags of {@code podman run}; none when there is no check. */
    List<String> options() {
        if (test.size() < 2) {
            return List.of();
        }
        List<String> words = test.subList(1, test.size());
        String command;
        switch (test.getFirst()) {
            case "CMD" -> command = words.size() == 1 ? single(words.getFirst()) : array(words);
            case "CMD-SHELL" -> command = array(List.of("CMD-SHELL", String.join(" ", words)));
            default -> {
                return List.of();
            }
        }
        var options = new ArrayList<String>();
        options.add("--health-cmd=" + command);
        time(options, "--health-interval", interval);
        time(options, "--health-timeout", timeout);
        time(options, "--health-start-period", startPeriod);
        if (retries > 0) {
            options.add("--health-retries=" + retries);
        }
        return List.copyOf(options);
    }

    /** To Podman an array of one word is a line for the shell, which an image may lack. */
    private static String single(String word) {
        boolean plain = word.chars().noneMatch(c -> c <= ' ' || c == '"');
        return plain ? "CMD " + word : array(List.of("'" + word.replace("'", "'\\''") + "'"));
    }

    private static String array(List<String> words) {
        return Jsonb.instance().type(String.class).list().toJson(words);
    }

    private static void time(List<String> options, String flag, long nanos) {
        if (nanos > 0) {
            options.add(flag + "=" + Math.clamp(nanos, LEAST, MOST) / 1_000_000 + "ms");
        }
    }

    /** The same as it lies in an image's configuration; every part may be missing. */
    @Json
    record Raw(
            @Json.Property("Test") @Nullable List<String> test,
            @Json.Property("Interval") long interval,
            @Json.Property("Timeout") long timeout,
            @Json.Property("StartPeriod") long startPeriod,
            @Json.Property("Retries") int retries) {

        Raw {
            test = test == null ? null : List.copyOf(test);
        }

        ImageHealthcheck toCheck() {
            return new ImageHealthcheck(test == null ? List.of() : test, interval, timeout, startPeriod, retries);
        }
    }
}
