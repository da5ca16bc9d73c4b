package dev.fcvm.machine;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecFailure;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.agent.OutputPump;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.TerminalSize;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.MachineEvent;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.session.Attachment;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.session.Stdio;
import dev.fcvm.machine.session.Typing;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.store.Environments;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** One more command in a machine, with the user's streams. Closing leaves it to itself. */
public final class Execution implements AutoCloseable {

    /** A guest owes the end of an output this soon after the command's end. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    /** Of a command whose machine has ended: SIGKILL has. */
    private static final int KILLED = 128 + 9;

    private static final int ID_BYTES = 32;

    private final LiveMachine machine;
    private final String id;
    private final ExecSession session;
    private final Attachment attachment;
    private final List<OutputPump> outputs = new ArrayList<>();
    /** Completes when its end, if it has come to one, is in the journal of events. */
    private final CompletableFuture<Boolean> recorded;

    private Execution(LiveMachine machine, String id, ExecSession session, Attachment attachment) {
        this.machine = machine;
        this.id = id;
        this.session = session;
        this.attachment = attachment;
        // Whether somebody waits for it or not; not on the thread that reads from the agent.
        this.recorded = session.exit().handleAsync((code, _) -> record(code), Thread::startVirtualThread);
    }

    private boolean record(@Nullable Integer code) {
        if (code != null) {
            machine.happened(
                    Action.EXEC_DIED, Map.of(MachineEvent.EXEC_ID, id, MachineEvent.EXIT_CODE, code.toString()));
        }
        return code != null;
    }

    /** Has a command run. */
    static Execution start(LiveMachine live, Machine machine, MoreCommand command, Stdio stdio, RunListener listener)
            throws FcvmException {
        AgentSession agent = live.agent().orElseThrow(() -> gone(machine.name()));
        try {
            String id = freshId();
            live.happened(
                    Action.EXEC, Map.of("command", String.join(" ", command.command()), MachineEvent.EXEC_ID, id));
            ExecSession session = agent.exec(request(live, machine, command, stdio));
            var execution = new Execution(live, id, session, new Attachment(stdio, listener, false, _ -> {}));
            execution.join(stdio, command.tty());
            return execution;
        } catch (LinkException over) {
            throw new FcvmException(
                    Kind.GUEST,
                    "cannot run a command in machine " + machine.name() + ": " + over.getMessage()
                            + "; does it still run? fcvm ps",
                    over);
        }
    }

    private static ExecRequest request(LiveMachine live, Machine machine, MoreCommand command, Stdio stdio)
            throws FcvmException {
        // Of a variable that is given twice Podman takes the last.
        List<String> environment = new ArrayList<>(command.guest() ? List.of() : Environments.ofCommands(live.files()));
        environment.addAll(command.environment());
        Optional<TerminalSize> size = command.tty()
                ? Optional.of(stdio.window().map(Stdio.Window::size).orElse(Audience.USUAL))
                : Optional.empty();
        return new ExecRequest(
                command.guest() ? "" : machine.id().value(),
                command.options(),
                command.command(),
                environment,
                size,
                stdio.input().isPresent(),
                stdio.output().isPresent(),
                stdio.error().isPresent() && !command.tty());
    }

    /** As long as Podman's. */
    private static String freshId() {
        byte[] bytes = new byte[ID_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Returns the id of its session, which the journal of events tells it by: 64 hexadecimal digits. */
    public String id() {
        return id;
    }

    private static FcvmException gone(String name) {
        return new FcvmException(Kind.IN_USE, "machine " + name + " has ended just now; see fcvm ps -a");
    }

    private void join(Stdio stdio, boolean tty) {
        carry(session.stdout(), stdio.output());
        carry(session.stderr(), stdio.error());
        session.stdin().ifPresent(input -> new Typing(input, tty, session::resize).begin(attachment));
    }

    private void carry(Optional<LinkStream> stream, Optional<OutputStream> target) {
        if (stream.isPresent()) {
            var pump = new OutputPump(stream.get(), target.orElse(OutputStream.nullOutputStream()), () -> {}, _ -> {});
            outputs.add(pump);
            Thread.ofVirtual().name("exec-output").start(pump);
        }
    }

    /** Sends it a signal, by its Linux number; returns false when it cannot get any. */
    public boolean signal(int number) {
        return !session.exit().isDone() && session.signal(number);
    }

    /** Completes when the user has typed the keys that leave it. */
    public CompletableFuture<Boolean> detached() {
        return attachment.detached();
    }

    /** Completes when the command has ended, well or not. */
    public CompletableFuture<Integer> exit() {
        return session.exit();
    }

    /** Waits until the command runs. */
    public void awaitStart() throws FcvmException, InterruptedException {
        try {
            session.started().get();
        } catch (ExecutionException failure) {
            throw failed(failure);
        }
    }

    /**
     * Waits for its end, and for that of its output.
     *
     * @return its exit code
     */
    public int await() throws FcvmException, InterruptedException {
        int code;
        try {
            code = session.exit().get();
        } catch (ExecutionException failure) {
            if (machine.agent().isPresent()) {
                throw failed(failure);
            }
            if (Waiting.until(machine.ended()) instanceof RunEnd.LetGo) {
                throw new FcvmException(
                        Kind.HOST,
                        "the supervisor has ended; the command goes on in machine "
                                + machine.spec().name() + ", and what it writes is dropped",
                        failure);
            }
            return KILLED; // the machine has ended under it
        }
        for (OutputPump output : outputs) {
            output.awaitEnd(SILENCE);
            Optional<IOException> trouble = output.trouble();
            if (trouble.isPresent()) {
                throw new FcvmException(
                        Kind.HOST,
                        "cannot write the command's output: " + IoReason.of(trouble.get())
                                + "; give it a place that takes it all",
                        trouble.get());
            }
        }
        if (session.outOfMemory()) {
            attachment.listener().warn(Resources.of(machine.spec()).outOfMemory());
        }
        recorded.join();
        return code;
    }

    private static FcvmException failed(ExecutionException failure) {
        Throwable why = failure.getCause();
        return new FcvmException(
                Kind.GUEST,
                "the command could not be run: "
                        + (why instanceof ExecFailure known ? known.getMessage() : String.valueOf(why)),
                failure);
    }

    @Override
    public void close() {
        attachment.close();
        session.close();
    }
}
