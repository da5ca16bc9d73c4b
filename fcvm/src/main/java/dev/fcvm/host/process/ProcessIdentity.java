package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.NativeCalls;
import io.avaje.jsonb.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
