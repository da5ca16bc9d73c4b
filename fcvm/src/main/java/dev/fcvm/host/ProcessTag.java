package dev.fcvm.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A mark in the environment of processes, inherited by what they start, by which they are found again: also when their
 * parent is gone, and by another run of fcvm.
 *
 * @param variable the variable's name
 * @param value its value, unique to what is marked
 */
public record ProcessTag(String variable, String value) {

    private static final Path PROC = Path.of("/proc");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofMillis(2);

    /** Makes a tag with a random value. */
    public static ProcessTag random(String variable) {
        return new ProcessTag(variable, MachineId.random().value());
    }

    /**
     * Returns the living processes that carry this tag, but for the caller's own. Processes of other users, whose
     * environment may not be read, are not found.
     */
    public List<ProcessHandle> holders() {
        List<ProcessHandle> found = new ArrayList<>();
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path directory : processes) {
                long pid = Long.parseLong(directory.getFileName().toString());
                if (pid != self && carries(directory)) {
                    ProcessHandle.of(pid).ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc", e);
        }
        return found;
    }

    /** Kills every process that carries this tag, and waits until none is left, at most ten seconds. */
    public void killAll() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        // Again and again: a process may have started another between our looking and our killing.
        for (List<ProcessHandle> left = holders(); !left.isEmpty() && System.nanoTime() < end; left = holders()) {
            left.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle process : left) {
                awaitEnd(process.pid(), end);
            }
        }
    }

    /** Looks at short intervals: the kernel tells nobody of the end of a process that is not its child. */
    private static void awaitEnd(long pid, long end) {
        while (runs(PROC.resolve(Long.toString(pid))) && System.nanoTime() < end) {
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    /** Returns whether it is more than a dead process whose parent has not asked for its exit code. */
    private static boolean runs(Path directory) {
        try {
            String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state != 'Z' && state != 'X';
        } catch (IOException e) {
            return false; // it is gone
        }
    }

    private boolean carries(Path directory) {
        String environment;
        try {
            environment = Files.readString(directory.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return false; // it has ended, or is not ours
        }
        return ("\0" + environment).contains("\0" + variable + "=" + value + "\0");
    }
}
