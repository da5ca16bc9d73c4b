package dev.fcvm.host.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The processes by which something on the host is held, told by what the kernel says of them, and their descendants.
 *
 * @param isHolder whether the process of this directory of /proc is one
 */
public record ProcessHolders(Predicate<Path> isHolder) {

    private static final Path PROC = Path.of("/proc");
    // proc_pid_stat(5), from the state on
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int FLAGS = 6;

    /** PF_KTHREAD of the kernel's include/linux/sched.h. */
    private static final long KERNEL_THREAD = 0x0020_0000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofMillis(2);

    /** Returns those that live, but for the caller's own. */
    List<ProcessHandle> living() {
        // In one pass: Java would look through all processes of the host again for the children of each.
        Map<Long, Long> parents = new TreeMap<>();
        Set<Long> found = new HashSet<>();
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path directory : processes) {
                long pid = Long.parseLong(directory.getFileName().toString());
                String[] fields = fields(directory);
                if (pid != self && runs(fields) && !isKernels(fields)) {
                    parents.put(pid, Long.parseLong(fields[PARENT]));
                    if (isHolder.test(directory)) {
                        found.add(pid);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc", e);
        }
        List<ProcessHandle> living = new ArrayList<>();
        for (long pid : parents.keySet()) {
            if (descends(pid, parents, found)) {
                ProcessHandle.of(pid).ifPresent(living::add);
            }
        }
        return List.copyOf(living);
    }

    /** Returns whether it or one of those it comes of is among these. */
    private static boolean descends(long pid, Map<Long, Long> parents, Set<Long> found) {
        Long at = pid;
        // Numbers are given anew while they are read: whatever they say, this comes to an end.
        for (int steps = parents.size(); at != null && steps > 0; steps--) {
            if (found.contains(at)) {
                return true;
            }
            at = parents.get(at);
        }
        return false;
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

    private static boolean runs(Path directory) {
        return runs(fields(directory));
    }

    /** Returns whether it is more than a dead process whose parent has not asked for its exit code. */
    private static boolean runs(String[] fields) {
        return fields.length > FLAGS && !fields[STATE].equals("Z") && !fields[STATE].equals("X");
    }

    /** Threads of the kernel hold nothing, and there are many of them. */
    private static boolean isKernels(String[] fields) {
        return (Long.parseLong(fields[FLAGS]) & KERNEL_THREAD) != 0;
    }

    /** Returns what proc_pid_stat(5) has behind the name, in which anything may be. */
    private static String[] fields(Path directory) {
        String stat = text(directory.resolve("stat"));
        return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    }

    /** Returns what the kernel says; nothing of a process that has ended or is not ours to look at. */
    public static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
