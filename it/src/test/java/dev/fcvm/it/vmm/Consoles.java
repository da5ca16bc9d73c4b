package dev.fcvm.it.vmm;

import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Waits for what guests say on their consoles. */
final class Consoles {

    private Consoles() {}

    /** Waits until the console's log holds this text, and returns all of the log. */
    static String await(RunningVm machine, String text, Duration atMost) throws IOException, InterruptedException {
        return await(machine, Pattern.compile(Pattern.quote(text)), atMost);
    }

    /** Waits for a line with a number, which is the pattern's first group, and returns the first such number. */
    static int awaitNumber(RunningVm machine, Pattern line) throws IOException, InterruptedException {
        Matcher found = line.matcher(await(machine, line, VmmContract.PATIENCE));
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    private static String await(RunningVm machine, Pattern text, Duration atMost)
            throws IOException, InterruptedException {
        Path directory = Path.of(machine.handle().directory());
        long end = System.nanoTime() + atMost.toNanos();
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (true) {
                String said = machine.consoleText();
                if (text.matcher(said).find()) {
                    return said;
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError(
                            "the guest did not say '%s' within %s; the console:%n%s".formatted(text, atMost, said));
                }
                var key = watch.poll(left, TimeUnit.NANOSECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        }
    }
}
