package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.NativeCalls;
import io.avaje.jsonb.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A process as it can be written down and found again: its number alone is given to others when it has ended.
 *
 * @param pid its number
 * @param started when it was started, in the kernel's ticks since the host's start: proc_pid_stat(5), field 22
 * @param boot which start of the host that was: the kernel's random boot_id
 */
@Json
public record ProcessIdentity(long pid, long started, String boot) {

    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofMillis(2);
    private static final int PRIO_USER = 2;
    private static final int ESRCH = 3;
    /** Behind the closing bracket of the name, in which anything may be. */
    private static final int START_FIELD = 22 - 3;

    /** A damaged document lacks fields; it is no living process then. */
    public ProcessIdentity {
        boot = Objects.requireNonNullElse(boot, "");
    }

    /**
     * Tells a living process.
     *
     * @throws FcvmException when it has ended
     */
    public static ProcessIdentity of(long pid) throws FcvmException {
        long started = started(pid);
        if (started < 0) {
            throw new FcvmException(Kind.HOST, "process %d has ended".formatted(pid));
        }
        return new ProcessIdentity(pid, started, thisBoot());
    }

    /** Tells a process that may have ended: it is as good as one that was, and is not taken for another of its number. */
    public static ProcessIdentity ofPerhapsEnded(long pid) {
        return new ProcessIdentity(pid, started(pid), thisBoot());
    }

    /** Tells whether it still runs. One that has ended but was not waited for by its parent does not. */
    public boolean isAlive() {
        return started >= 0 && started(pid) == started && boot.equals(thisBoot());
    }

    /**
     * Kills it and all that it has started by now, and waits for their end, at most ten seconds. It starts nothing more
     * meanwhile.
     *
     * @return whether all of them have ended
     */
    public boolean kill() {
        List<ProcessIdentity> all = new ArrayList<>();
        all.add(this);
        // The list grows while it is gone through, by the children of each.
        for (int at = 0; at < all.size(); at++) {
            children(all.get(at).pid()).stream()
                    .map(ProcessIdentity::ofPerhapsEnded)
                    .forEach(all::add);
        }
        for (ProcessIdentity each : all) {
            // Of a number that is another process's by now Java's own look at the time of its start keeps us.
            ProcessHandle.of(each.pid()).filter(_ -> each.isAlive()).ifPresent(ProcessHandle::destroyForcibly);
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (all.stream().anyMatch(ProcessIdentity::isAlive)) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
        return true;
    }

    static String thisBoot() {
        return Boot.ID;
    }

    /** It does not change while this process runs, and is asked for at each look whether another still does. */
    private static final class Boot {
        static final String ID = ProcessHolders.text(BOOT).strip();

        private Boot() {}
    }

    /**
     * Returns the processes that this one has started and that run, where the kernel tells (proc_pid_task_children(5)).
     * Java would look at every process of the host.
     */
    public static List<Long> children(long pid) {
        Path file = Path.of("/proc", Long.toString(pid), "task", Long.toString(pid), "children");
        if (!Files.exists(file)) {
            return ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .map(ProcessHandle::pid)
                    .toList();
        }
        String numbers = ProcessHolders.text(file).strip();
        return numbers.isEmpty()
                ? List.of()
                : Stream.of(numbers.split(" ", -1)).map(Long::valueOf).toList();
    }

    /** Returns whether any process's real user is this one. */
    public static boolean isAnybodys(int user) {
        // getpriority(2): the kernel knows its users; to look at each process costs the more the more there are.
        return NativeCalls.call(NativeCalls.GETPRIORITY, PRIO_USER, user, 0) != -ESRCH;
    }

    /** Returns when a living process was started, or a negative number when there is none. */
    private static long started(long pid) {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return -1;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        boolean ended = fields.length <= START_FIELD || fields[0].equals("Z") || fields[0].equals("X");
        return ended ? -1 : Long.parseLong(fields[START_FIELD]);
    }
}
