package dev.fcvm.host;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import io.avaje.jsonb.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

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

    private static String thisBoot() {
        return ProcessHolders.text(BOOT).strip();
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
