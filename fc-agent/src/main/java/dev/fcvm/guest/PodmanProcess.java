package dev.fcvm.guest;

import dev.fcvm.link.LinkStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The running {@code podman run}, its pipes joined to the link's streams. */
final class PodmanProcess {

    /**
     * How long a pipe may be silent after Podman has ended before it is taken for drained. Podman ends after its
     * container, and the pipe then holds all the container wrote; only a process that escaped the container (with the
     * guest's process namespace, say) can keep the pipe from ending.
     */
    private static final long SILENCE_MILLIS = 1000;

    private final Process process;
    private final ContainerStdio stdio;
    private final @Nullable Pump stdout;
    private final @Nullable Pump stderr;

    private PodmanProcess(Process process, ContainerStdio stdio, Path containerPid) {
        this.process = process;
        this.stdio = stdio;
        LinkStream in = stdio.stdin();
        if (in != null) {
            Pump.start("stdin", in.input(), process.getOutputStream(), in::reset);
        }
        this.stdout = pump("stdout", process.getInputStream(), stdio.stdout());
        // conmon writes the file when the runtime has made the container.
        InputStream errors =
                new EarlyErrors(process.getErrorStream(), () -> process.isAlive() && !Files.exists(containerPid));
        this.stderr = pump("stderr", errors, stdio.stderr());
    }

    /**
     * Starts Podman.
     *
     * @param containerPid the file in which Podman says that there is a container
     * @throws AgentException when there is no such program, or its command line is too long for the kernel
     */
    static PodmanProcess start(List<String> command, ContainerStdio stdio, Path containerPid) throws AgentException {
        var builder = new ProcessBuilder(command);
        inItsSurroundings(builder);
        builder.redirectInput(stdio.stdin() == null ? Redirect.from(new File("/dev/null")) : Redirect.PIPE);
        builder.redirectOutput(stdio.stdout() == null ? Redirect.DISCARD : Redirect.PIPE);
        builder.redirectError(stdio.stderr() == null ? Redirect.DISCARD : Redirect.PIPE);
        try {
            return new PodmanProcess(builder.start(), stdio, containerPid);
        } catch (IOException e) {
            throw new AgentException("cannot start Podman in the guest: " + Console.reason(e), e);
        }
    }

    /** Gives a command of Podman's the directory and the environment it is to have. */
    static ProcessBuilder inItsSurroundings(ProcessBuilder builder) {
        builder.directory(new File("/"));
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", "/root");
        // The agent sees to health checks itself: HealthChecks.
        environment.put("DISABLE_HC_SYSTEMD", "true");
        return builder;
    }

    /** Waits so long for Podman's end, and returns whether it has come. */
    boolean awaitEnd(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Waits until Podman has ended and all output is in the streams.
     *
     * @return its exit code, 128 + N if signal N ended it
     */
    int await() throws InterruptedException {
        int code = process.waitFor();
        LinkStream in = stdio.stdin();
        if (in != null) {
            // What nobody will read any more need not be sent.
            in.reset();
        }
        finish(stdout, stdio.stdout());
        finish(stderr, stdio.stderr());
        return code;
    }

    /**
     * Waits until the container has ended and all its output is in the streams. Podman is killed when it has no more to
     * do than to clean up.
     *
     * @return the container's exit code, or Podman's when no container has run
     */
    int awaitContainer(ContainerExit container, ConmonSession conmon) throws InterruptedException {
        OptionalInt code = container.await(process);
        if (code.isPresent()) {
            // Both hold the container's pipes, which end with their last holder. Not Process.destroyForcibly(): that
            // would
            // close our ends, and throw away what is in them.
            process.toHandle().destroyForcibly();
            conmon.kill();
        }
        int podmans = await();
        return code.orElse(podmans);
    }

    private static @Nullable Pump pump(String name, InputStream from, @Nullable LinkStream to) {
        return to == null ? null : Pump.start(name, from, to.output(), to::reset);
    }

    private static void finish(@Nullable Pump pump, @Nullable LinkStream stream) throws InterruptedException {
        if (pump == null || stream == null || pump.awaitEnd(SILENCE_MILLIS)) {
            return;
        }
        try {
            stream.output().close();
        } catch (IOException e) {
            // Already closed or reset: the stream has ended, which is all that was wanted.
            stream.reset();
        }
    }
}
