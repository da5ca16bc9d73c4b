package dev.fcvm.link.message;

import java.time.Instant;

/**
 * How a container's run came to its end, as its guest tells it. It is kept in the guest until the machine ends.
 *
 * @param code the exit code, 0 to 255: the container's, or Podman's when no container has run
 * @param outOfMemory whether the guest's kernel has killed a process because memory ran out
 * @param stdoutEnd how many bytes it has written to standard output in all
 * @param stderrEnd the same of standard error
 * @param finishedAtMillis when, in milliseconds since 1970 by the guest's clock
 */
public record ExitRecord(int code, boolean outOfMemory, long stdoutEnd, long stderrEnd, long finishedAtMillis) {

    /** Returns when it ended, by the guest's clock. */
    public Instant finishedAt() {
        return Instant.ofEpochMilli(finishedAtMillis);
    }
}
