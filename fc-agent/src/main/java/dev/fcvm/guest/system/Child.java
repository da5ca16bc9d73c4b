package dev.fcvm.guest.system;

import dev.fcvm.link.message.TerminalSize;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process the agent has started, with its pipes or its terminal. */
public final class Child {

    private final Process process;
    private final @Nullable Terminal terminal;

    private Child(Process process, @Nullable Terminal terminal) {
        this.process = process;
        this.terminal = terminal;
    }

    /**
     * Starts a process.
     *
     * @param size of its terminal; without one it has pipes
     * @param input whether it has a standard input
     * @throws IOException when there is no such program, or its command line is too long for the kernel
     */
    public static Child start(List<String> command, Optional<TerminalSize> size, boolean input) throws IOException {
        return size.isPresent() ? inTerminal(command, size.get()) : of(withPipes(command, input));
    }

    /** Starts a process with pipes. */
    public static Process withPipes(List<String> command, boolean input) throws IOException {
        var builder = surrounded(new ProcessBuilder(command));
        if (!input) {
            builder.redirectInput(nothing());
        }
        return builder.start();
    }

    private static Child inTerminal(List<String> command, TerminalSize size) throws IOException {
        Terminal terminal = Terminal.open(size);
        try {
            var builder = surrounded(new ProcessBuilder(terminal.inside(command)));
            builder.redirectInput(nothing()).redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
            return new Child(builder.start(), terminal);
        } catch (IOException e) {
            terminal.close();
            throw e;
        }
    }

    /** Returns one that has been started, with pipes. */
    public static Child of(Process process) {
        return new Child(process, null);
    }

    public static Redirect nothing() {
        return Redirect.from(new File("/dev/null"));
    }

    /** Gives a command of Podman's the directory and the environment it is to have. */
    public static ProcessBuilder surrounded(ProcessBuilder builder) {
        builder.directory(new File("/"));
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", "/root");
        // The agent sees to health checks itself: HealthChecks.
        environment.put("DISABLE_HC_SYSTEMD", "true");
        return builder;
    }

    /** Returns what it writes; with a terminal to that. */
    public InputStream output() {
        return terminal == null ? process.getInputStream() : Channels.newInputStream(terminal.channel());
    }

    /**
     * Lets it write more to its standard output before it has to wait.
     *
     * @throws IOException when it has ended, or has a terminal or a pipe that has much room already
     */
    public void widenOutput() throws IOException {
        if (terminal != null) {
            throw new IOException("a terminal has the room it has");
        }
        Pipe.widenOutputOf(process.pid());
    }

    /** Returns what it writes to its standard error; nothing with a terminal. */
    public InputStream error() {
        return terminal == null ? process.getErrorStream() : InputStream.nullInputStream();
    }

    /** Returns what it reads. */
    public OutputStream input() {
        return terminal == null ? process.getOutputStream() : Channels.newOutputStream(terminal.channel());
    }

    public boolean hasTerminal() {
        return terminal != null;
    }

    /** Tells it of its terminal's new size; without one nothing happens. */
    public void resize(TerminalSize size) throws IOException {
        if (terminal != null) {
            terminal.resize(size);
        }
    }

    public Process process() {
        return process;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits so long for its end, and returns whether it has come. */
    public boolean awaitEnd(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Closes its pipes, unread. */
    public void discard() throws IOException {
        input().close();
        output().close();
        error().close();
    }

    /** Returns its exit code, 128 + N if signal N ended it. */
    public int await() throws InterruptedException {
        return process.waitFor();
    }
}
