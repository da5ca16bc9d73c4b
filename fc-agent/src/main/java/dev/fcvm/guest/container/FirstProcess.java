package dev.fcvm.guest.container;

import dev.fcvm.guest.runtime.ContainerRuntime;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.GuestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The container's first process. The OCI runtime makes it and is it at first, waiting to be told that the container is
 * started; from then on it is the container's own program.
 *
 * @param files where conmon leaves its process id, once the runtime has made the container
 * @param podman who runs the container
 */
public record FirstProcess(GuestFiles files, Child podman) {

    /** Making the container takes some tenths of a second, and each look takes its processor's time from that. */
    private static final long UNTIL_MADE_MILLIS = 20;

    private static final long UNTIL_STARTED_MILLIS = 2;
    private static final String RUNTIME = "crun";

    /** What the kernel calls a file that was mounted alone and is mounted no more: where crun runs from, of late. */
    private static final String UNMOUNTED = "/";

    /** Podman's own failures; what the runtime fails at has other codes, and leaves no process id. */
    private static final int PODMAN_FAILED = 125;

    /**
     * Waits until it runs the container's own program.
     *
     * @return its process id; empty if Podman has ended
     */
    public String await() throws IOException, InterruptedException {
        while (podman.isAlive()) {
            String pid = pid();
            if (!pid.isEmpty()) {
                String program = program(pid);
                if (!program.isEmpty() && !isRuntime(program)) {
                    return pid;
                }
            }
            pause(pid);
        }
        return "";
    }

    /** Returns the process id as it is written down now; empty when there is none yet, or Podman has ended. */
    public String now() throws IOException {
        return podman.isAlive() ? pid() : "";
    }

    /**
     * Waits until the container runs, or has run: it may be over sooner than anyone looks.
     *
     * @return false when Podman has ended, and no container has run
     */
    public boolean awaitRun() throws IOException, InterruptedException {
        while (podman.isAlive()) {
            String pid = pid();
            // A process that has ended has no program.
            if (!pid.isEmpty() && !isRuntime(program(pid))) {
                return true;
            }
            pause(pid);
        }
        return !pid().isEmpty() && podman.await() != PODMAN_FAILED;
    }

    private static void pause(String pid) throws InterruptedException {
        Thread.sleep(pid.isEmpty() ? UNTIL_MADE_MILLIS : UNTIL_STARTED_MILLIS);
    }

    private String pid() throws IOException {
        return isMade(files) ? Files.readString(files.containerPid()).strip() : "";
    }

    /**
     * Returns whether the runtime has made the container. Where Podman's service made it once, and Podman's program starts it
     * again, its process id is in a file of Podman's own, which conmon has been told; it is copied to the usual place.
     */
    static boolean isMade(GuestFiles files) throws IOException {
        if (Files.exists(files.containerPid())) {
            return true;
        }
        String conmon = Files.exists(files.conmonPid())
                ? Files.readString(files.conmonPid()).strip()
                : "";
        Path commandLine = files.processes().resolve(conmon).resolve("cmdline");
        if (conmon.isEmpty() || !Files.exists(commandLine)) {
            return false;
        }
        Path written = ContainerRuntime.pidFile(commandLine);
        if (written == null || written.equals(files.containerPid()) || !Files.exists(written)) {
            return false;
        }
        Path whole = files.state().resolve("pid-" + Thread.currentThread().threadId());
        Files.copy(written, whole, StandardCopyOption.REPLACE_EXISTING);
        Files.move(whole, files.containerPid(), StandardCopyOption.ATOMIC_MOVE);
        return true;
    }

    private String program(String pid) throws IOException {
        Path program = files.processes().resolve(pid).resolve("exe");
        return Files.isSymbolicLink(program) ? Files.readSymbolicLink(program).toString() : "";
    }

    /** The runtime runs from its file, or from a copy that bears its name; a program may well be called crunch. */
    private static boolean isRuntime(String program) {
        if (program.equals(UNMOUNTED)) {
            return true;
        }
        for (int at = program.indexOf(RUNTIME); at >= 0; at = program.indexOf(RUNTIME, at + 1)) {
            int end = at + RUNTIME.length();
            boolean begins = at > 0 && !Character.isLetterOrDigit(program.charAt(at - 1));
            boolean ends = end == program.length() || !Character.isLetterOrDigit(program.charAt(end));
            if (begins && ends) {
                return true;
            }
        }
        return false;
    }
}
