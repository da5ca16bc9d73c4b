package dev.fcvm.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The processes by which something on the host is held, told by what the kernel says of them, and their descendants.
 *
 * @param isHolder whether the process of this directory of /proc is one
 */
record ProcessHolders(Predicate<Path> isHolder) {

    private static final Path PROC = Path.of("/proc");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofMillis(2);

    /** Returns those that live, but for the caller's own. */
    List<ProcessHandle> living() {
        Map<Long, ProcessHandle> found = new TreeMap<>();
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path directory : processes) {
                long pid = Long.parseLong(directory.getFileName().toString());
                if (pid != self && isHolder.test(directory) && runs(directory)) {
                    ProcessHandle.of(pid).ifPresent(process -> found.put(pid, process));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc", e);
        }
        for (ProcessHandle holder : List.copyOf(found.values())) {
            holder.descendants()
                    .filter(process -> runs(PROC.resolve(Long.toString(process.pid()))))
                    .forEach(process -> found.put(process.pid(), process));
        }
        return List.copyOf(found.values());
    }

    /** Kills all of them, and waits until none is left, at most ten seconds; returns whether none is. */
    boolean killAll() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        // Again and again: a process may have started another between our looking and our killing.
        Collection<ProcessHandle> left = living();
        while (!left.isEmpty() && System.nanoTime() < end) {
            left.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle process : left) {
                awaitEnd(process.pid(), end);
            }
            left = living();
        }
        return left.isEmpty();
    }

    /** Looks at short intervals: the kernel tells nobody of the end of a process that is not its child. */
    private static void awaitEnd(long pid, long end) {
        while (runs(PROC.resolve(Long.toString(pid))) && System.nanoTime() < end) {
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    /** Returns whether it is more than a dead process whose parent has not asked for its exit code. */
    private static boolean runs(Path directory) {
        String stat = text(directory.resolve("stat"));
        int state = stat.lastIndexOf(')') + 2;
        return stat.length() > state && stat.charAt(state) != 'Z' && stat.charAt(state) != 'X';
    }

    /** Returns what the kernel says; nothing of a process that has ended or is not ours to look at. */
    static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
