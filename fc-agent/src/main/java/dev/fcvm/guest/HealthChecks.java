package dev.fcvm.guest;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has Podman check a container's health at its interval. Podman leaves that to timers of systemd, which a guest has not
 * by default; the check itself, its retries and what follows are Podman's.
 */
final class HealthChecks {

    private static final String FLAG = "--health-";
    private static final String INTERVAL = "--health-interval=";
    private static final String STARTUP = "--health-startup-interval=";

    /** Podman's, see podman-run(1). */
    private static final long STANDARD_MILLIS = 30_000;

    /** A check is a process of its own and a command of Podman's: more often would be all the machine does. */
    private static final long LEAST_MILLIS = 500;

    private HealthChecks() {}

    /** Returns whether the user asks for any. */
    static boolean areAskedFor(List<String> options) {
        for (String option : options) {
            if (option.startsWith(FLAG)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Checks from now on, until the container's Podman has ended.
     *
     * @param podman the program
     * @param name the container's
     * @param options arguments of its {@code podman run}
     */
    static void start(String podman, String name, List<String> options, Child container, Console console) {
        long interval = interval(options);
        if (interval == 0 || !areAskedFor(options)) {
            return;
        }
        var thread = new Thread(null, () -> check(podman, name, interval, container, console), "health", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private static void check(String podman, String name, long interval, Child container, Console console) {
        try {
            while (!container.awaitEnd(interval)) {
                Process check = Child.surrounded(new ProcessBuilder(podman, "healthcheck", "run", "--", name))
                        .redirectInput(Child.nothing())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD)
                        .start();
                check.waitFor();
            }
        } catch (IOException e) {
            console.log("the container's health is not checked: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns it in milliseconds; 0 for never. */
    static long interval(List<String> options) {
        long shortest = STANDARD_MILLIS;
        for (String option : options) {
            if (option.startsWith(INTERVAL) || option.startsWith(STARTUP)) {
                String value = option.substring(option.indexOf('=') + 1);
                if (option.startsWith(INTERVAL) && (value.equals("disable") || value.equals("0"))) {
                    return 0;
                }
                shortest = option.startsWith(INTERVAL) ? millis(value) : Math.min(shortest, millis(value));
            }
        }
        return Math.max(LEAST_MILLIS, shortest);
    }

    /** Reads Go's form of a time, such as {@code 1m30s}; the host has checked it, and Podman does again. */
    private static long millis(String text) {
        double millis = 0;
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && (Character.isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
                end++;
            }
            int unit = end;
            while (unit < text.length() && Character.isLetter(text.charAt(unit))) {
                unit++;
            }
            if (end == start || unit == end) {
                return STANDARD_MILLIS;
            }
            millis += Double.parseDouble(text.substring(start, end)) * unit(text.substring(end, unit));
            start = unit;
        }
        return (long) Math.min(millis, (double) TimeUnit.DAYS.toMillis(365));
    }

    private static double unit(String name) {
        if (name.equals("h")) {
            return 3_600_000;
        }
        if (name.equals("m")) {
            return 60_000;
        }
        if (name.equals("s")) {
            return 1000;
        }
        return name.equals("ms") ? 1 : name.equals("ns") ? 0.000_001 : 0.001;
    }
}
