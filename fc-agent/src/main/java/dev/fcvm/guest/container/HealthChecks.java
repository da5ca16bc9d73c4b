package dev.fcvm.guest.container;

import dev.fcvm.guest.probe.Sight;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.Message.Health;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has Podman check a container's health: once as soon as it runs, then at its interval. Podman leaves that to timers of
 * systemd, which a guest has not by default; the check itself, its retries and what follows are Podman's.
 */
public final class HealthChecks {

    private static final String COMMAND = "--health-cmd=";
    private static final String NONE = "--no-healthcheck";
    private static final String INTERVAL = "--health-interval=";
    private static final String STARTUP = "--health-startup-interval=";
    private static final String RECORD = "healthcheck.log";

    /** Podman's, see podman-run(1). */
    private static final long STANDARD_MILLIS = 30_000;

    /** A check is a process of its own and a command of Podman's: more often would be all the machine does. */
    private static final long LEAST_MILLIS = 500;

    /** Podman's own exit code for a check that could not be made: of a container that it has not started yet, say. */
    private static final int FAILED = 125;

    private final GuestFiles files;
    private final Supplier<String> id;
    private final String name;
    private final Child container;
    private final Console console;
    private final Listener listener;
    private final boolean checked;
    private @Nullable Health last;

    /** Is told of each check. */
    public interface Listener {
        void heard(Health health) throws InterruptedException;
    }

    /**
     * @param id what hosts call the container
     * @param name what Podman calls it
     * @param options arguments of its {@code podman run}
     * @param container its Podman
     */
    HealthChecks(
            GuestFiles files,
            Supplier<String> id,
            String name,
            List<String> options,
            Child container,
            Console console,
            Listener listener) {
        this.files = files;
        this.id = id;
        this.name = name;
        this.container = container;
        this.console = console;
        this.listener = listener;
        this.checked = areAskedFor(options);
        long interval = interval(options);
        if (checked && interval > 0) {
            var thread = new Thread(null, () -> check(interval), "health", 0, false);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Returns whether the container has a check. */
    public static boolean areAskedFor(List<String> options) {
        boolean asked = false;
        for (String option : options) {
            if (option.startsWith(COMMAND)) {
                String command = option.substring(COMMAND.length());
                asked = !command.isEmpty() && !command.equalsIgnoreCase("none");
            } else if (option.equals(NONE) || option.equals(NONE + "=true")) {
                return false;
            }
        }
        return asked;
    }

    /** Returns whether a command is given, which may be none. */
    static boolean areNamed(List<String> options) {
        return options.stream().anyMatch(option -> option.startsWith(COMMAND) && option.length() > COMMAND.length());
    }

    /** Returns what was last found; null when nothing has been checked. */
    public synchronized @Nullable Health last() {
        return last == null ? null : new Health(id.get(), last.document());
    }

    private void check(long interval) {
        try {
            if (new FirstProcess(files, container).await().isEmpty()) {
                return;
            }
            long pause;
            do {
                pause = now().status() == FAILED ? Math.min(LEAST_MILLIS, interval) : interval;
            } while (!container.awaitEnd(pause));
        } catch (IOException e) {
            console.log("the container's health is not checked: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Checks now; returns what Podman says. Not while another check is made. */
    Sight now() throws IOException, InterruptedException {
        if (!checked) {
            return new Sight(false, FAILED, "the container has no health check");
        }
        Sight sight;
        Health found = null;
        synchronized (this) {
            // It says one word; of a healthy container nothing.
            Said said = said("healthcheck", "run", "--", name);
            int code = said.code();
            String word = Console.oneLine(said.text()).strip();
            sight = new Sight(code == 0, code & 0xff, word.isEmpty() && code == 0 ? "healthy" : word);
            String document = code == FAILED ? "" : document();
            if (!document.isEmpty()) {
                found = new Health(id.get(), document);
                last = found;
            }
        }
        if (found != null) {
            listener.heard(found);
        }
        return sight;
    }

    /**
     * What a command of Podman's said.
     *
     * @param code its exit code
     */
    private record Said(int code, String text) {}

    private Said said(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(files.podman());
        command.addAll(List.of(words));
        Process podman = Child.surrounded(new ProcessBuilder(command))
                .redirectInput(Child.nothing())
                .redirectError(Redirect.DISCARD)
                .start();
        String text = new String(podman.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(podman.waitFor(), text);
    }

    /** Returns what Podman has written down of its checks; empty when there is nothing, or too much. */
    private String document() throws IOException, InterruptedException {
        byte[] bytes = Files.isDirectory(files.healthRecords()) ? record() : new byte[0];
        // The user may have it written to another place (--health-log-destination).
        String text = bytes.length == 0
                ? said("inspect", "--format={{json .State.Health}}", "--", name).text()
                : new String(bytes, StandardCharsets.UTF_8);
        return text.length() > Message.LONGEST_DOCUMENT ? "" : text;
    }

    private byte[] record() throws IOException {
        try (DirectoryStream<Path> containers = Files.newDirectoryStream(files.healthRecords())) {
            for (Path one : containers) {
                Path record = one.resolve(RECORD);
                if (Files.exists(record)) {
                    return Files.readAllBytes(record);
                }
            }
        }
        return new byte[0];
    }

    /** Returns it in milliseconds; 0 for never. */
    public static long interval(List<String> options) {
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
