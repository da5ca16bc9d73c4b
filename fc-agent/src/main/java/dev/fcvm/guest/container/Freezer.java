package dev.fcvm.guest.container;

import dev.fcvm.guest.system.GuestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Stops all processes of the container at once and lets them go on, by its cgroup (the kernel's cgroup-v2.rst, "freezer"):
 * so nothing of it runs between a restore and the moment at which the machine is one of its own. What runs in the
 * container by {@code podman exec} is in the same cgroup.
 *
 * @param files where the container's first process and the tree of cgroups are
 */
public record Freezer(GuestFiles files) {

    private static final String UNIFIED = "0::/";
    private static final String FROZEN = "frozen 1";
    private static final String STATE = "cgroup.freeze";

    /** Processes are stopped at the end of a system call; one that waits for a broken disk may take for ever. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

    private static final long POLL_MILLIS = 1;

    /**
     * Stops them, and returns when all stand still.
     *
     * @param process the container's first process
     * @throws IOException when there is no cgroup of the container's own, or some do not stop
     */
    public void freeze(String process) throws IOException, InterruptedException {
        Path group = group(process);
        Files.writeString(group.resolve(STATE), "1");
        long end = System.nanoTime() + PATIENCE;
        while (!Files.readAllLines(group.resolve("cgroup.events")).contains(FROZEN)) {
            if (System.nanoTime() - end > 0) {
                Files.writeString(group.resolve(STATE), "0");
                throw new IOException("some of the container's processes did not stop within "
                        + TimeUnit.NANOSECONDS.toSeconds(PATIENCE) + " s");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Lets them go on. Idempotent. */
    public void thaw(String process) throws IOException {
        Files.writeString(group(process).resolve(STATE), "0");
    }

    private Path group(String process) throws IOException {
        List<String> memberships =
                Files.readAllLines(files.processes().resolve(process).resolve("cgroup"));
        for (String membership : memberships) {
            if (membership.startsWith(UNIFIED) && membership.length() > UNIFIED.length()) {
                return files.groups().resolve(membership.substring(UNIFIED.length()));
            }
        }
        throw new IOException("the container has no cgroup of its own");
    }
}
