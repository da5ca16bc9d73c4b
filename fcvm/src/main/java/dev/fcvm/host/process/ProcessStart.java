package dev.fcvm.host.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;
import java.util.stream.Stream;

/** What this process was started with. */
public final class ProcessStart {

    private static final long MILLIS_PER_TICK = 10; // proc(5): the kernel reports in hundredths of a second
    private static final int START_TIME = 19; // its index among the fields behind the command's name
    private static final int USUAL_UMASK = 0022;

    private ProcessStart() {}

    /** Returns when it was started, by {@link System#nanoTime}, to a hundredth of a second. */
    public static long nanoTime() {
        return System.nanoTime() - ageMillis() * 1_000_000;
    }

    /** Returns its file mode creation mask. */
    public static int umask() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Umask:"))
                    .mapToInt(line ->
                            Integer.parseInt(line.substring("Umask:".length()).strip(), 8))
                    .findFirst()
                    .orElse(USUAL_UMASK);
        } catch (IOException noProc) {
            return USUAL_UMASK;
        }
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
