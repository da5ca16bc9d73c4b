package dev.fcvm.agent;

import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.TerminalSize;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A command that was started beside a container, or is about to be. All methods may be called from any thread. */
public final class ExecSession implements AutoCloseable {

    private final AgentSession agent;
    private final int number;
    private final Optional<LinkStream> input;
    private final Optional<LinkStream> output;
    private final Optional<LinkStream> error;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private volatile boolean outOfMemory;

    ExecSession(
            AgentSession agent,
            int number,
            Optional<LinkStream> input,
            Optional<LinkStream> output,
            Optional<LinkStream> error) {
        this.agent = agent;
        this.number = number;
        this.input = input;
        this.output = output;
        this.error = error;
    }

    int number() {
        return number;
    }

    /** Returns where its standard input goes, if it was asked for; {@code output().close()} ends it. */
    public Optional<LinkStream> stdin() {
        return input;
    }

    /** Returns its standard output, if it was asked for; it ends with the command. */
    public Optional<LinkStream> stdout() {
        return output;
    }

    /** Returns its standard error, if it was asked for. */
    public Optional<LinkStream> stderr() {
        return error;
    }

    /** Completes when the command runs, or as {@link #exit()} does when it never will. */
    public CompletableFuture<Void> started() {
        return started;
    }

    /**
     * Completes with the command's exit code, 0 to 255, when all its output is in the streams. In a container 125, 126 and
     * 127 may be Podman's own, as with {@code podman exec}. Fails with a {@link ExecFailure} when the command could not be
     * run, or the session with the agent ended first.
     */
    public CompletableFuture<Integer> exit() {
        return exit;
    }

    /** Tells of the terminal's new size; returns false when the agent does not listen. */
    public boolean resize(TerminalSize size) {
        return agent.tell(new Message.ExecResize(number, size));
    }

    /** Sends a signal, by its Linux number; returns false when the agent does not listen. */
    public boolean signal(int signal) {
        return agent.tell(new Message.ExecSignal(number, signal));
    }

    void hasStarted() {
        started.complete(null);
    }

    /** Returns whether a process of the machine was killed while it ran because memory ran out; known at its exit. */
    public boolean outOfMemory() {
        return outOfMemory;
    }

    void hasExited(int code, boolean memoryRanOut) {
        outOfMemory = memoryRanOut;
        started.complete(null);
        exit.complete(code);
    }

    void hasFailed(ExecFailure reason) {
        started.completeExceptionally(reason);
        exit.completeExceptionally(reason);
        close();
    }

    /** Abandons the streams; the command goes on without them. */
    @Override
    public void close() {
        input.ifPresent(LinkStream::reset);
        output.ifPresent(LinkStream::reset);
        error.ifPresent(LinkStream::reset);
    }
}
