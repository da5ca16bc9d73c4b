package dev.fcvm.machine;

import dev.fcvm.command.Signals;
import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.Interruption;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.machine.session.Attachment;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.session.Stdio;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A machine that somebody starts and stays with: create, attach, start, wait. The user's signals go to the container as
 * soon as there is one; before, the first of them ends everything.
 */
public final class ForegroundRun {

    private final RunListener listener;
    private final Signals signals;
    private final boolean relaying;

    /**
     * @param listener hears of the progress
     * @param signals those of the user
     * @param relaying whether signals go to the container; else they end the watching, not the container
     */
    public ForegroundRun(RunListener listener, Signals signals, boolean relaying) {
        this.listener = listener;
        this.signals = signals;
        this.relaying = relaying;
    }

    /** Makes a machine, or takes one that rests; it is in the hands of this process then. */
    @FunctionalInterface
    public interface Origin {
        /** Returns it, ready to be {@linkplain Machine#start started}. */
        Machine get() throws FcvmException, InterruptedException;
    }

    /**
     * Starts the machine and stays to its end, or until the user leaves.
     *
     * @param keep whether it stays when it is not started after all
     * @return the container's exit code, 128+N when signal N ended the run, or 0 when the user left
     * @throws FcvmException when there is no exit code of the container's to tell
     */
    public int execute(Origin origin, Stdio stdio, boolean keep) throws FcvmException {
        return interruptible(relay -> {
            Machine machine = origin.get();
            try (Attachment attachment = attach(machine, stdio, keep)) {
                relay.forwardTo(machine::relay);
                Optional<ReadyGate> gate = machine.gate();
                CompletableFuture<Boolean> started = machine.started();
                CompletableFuture<RunEnd> ended = machine.start();
                try (var waiting = new ReadyWaiting(gate, started, ended)) {
                    int code = follow(machine, ended, CompletableFuture.anyOf(ended, attachment.detached()), relay);
                    return ended.isDone() ? waiting.judge(code, ended, listener) : code;
                }
            }
        });
    }

    /**
     * Starts the machine and stays until its container runs.
     *
     * @param errors gets what Podman says of a container that cannot be run
     * @param told gets the machine when its container runs
     * @return 0; or the exit code of a container that could not be run, as podman tells it
     */
    public int launch(Origin origin, OutputStream errors, boolean keep, Consumer<Machine> told) throws FcvmException {
        return interruptible(relay -> {
            Machine machine = origin.get();
            // What the container itself says is for its log, and who said it is known when it runs, or never will.
            var said = new FirstWords();
            var stdio = new Stdio(Optional.empty(), Optional.empty(), Optional.of(said));
            try (Attachment _ = attach(machine, stdio, keep)) {
                relay.forwardTo(signal -> false);
                CompletableFuture<Boolean> started = machine.started();
                Optional<ReadyGate> gate = machine.gate();
                CompletableFuture<RunEnd> ended = machine.start();
                follow(machine, ended, started, relay);
                if (started.getNow(false)) {
                    if (gate.isPresent()) {
                        int ends = pass(gate.get(), ended, relay);
                        if (ends != 0) {
                            return ends;
                        }
                    }
                    told.accept(machine);
                    return 0;
                }
                RunEnd end = Waiting.until(ended);
                said.tell(errors);
                return Outcomes.code(end);
            }
        });
    }

    /**
     * Watches a container that runs already.
     *
     * @return its exit code, or 0 when the user left
     */
    public int watch(Machine machine, Stdio stdio) throws FcvmException {
        return interruptible(relay -> {
            try (Attachment attachment = machine.attach(stdio, listener, false)) {
                CompletableFuture<RunEnd> ended = machine.ended();
                if (relaying) {
                    relay.forwardTo(machine::relay);
                }
                Waiting.until(CompletableFuture.anyOf(ended, attachment.detached()));
                return ended.isDone() ? Outcomes.code(ended.join()) : 0;
            }
        });
    }

    /** Returns 0 when it is ready; or the exit code of a container that failed before. */
    private int pass(ReadyGate gate, CompletableFuture<RunEnd> ended, SignalRelay relay)
            throws FcvmException, InterruptedException {
        try {
            gate.pass(false, relay::isCallerGone);
            return 0;
        } catch (FcvmException unready) {
            return gate.code(unready, ended, listener);
        }
    }

    private Attachment attach(Machine machine, Stdio stdio, boolean keep) throws FcvmException {
        try {
            return machine.attach(stdio, listener, true);
        } catch (FcvmException | RuntimeException failure) {
            machine.dismiss(keep);
            throw failure;
        }
    }

    /** Waits for what is awaited, and returns the exit code if the run has ended; 0 if the container goes on. */
    private int follow(
            Machine machine, CompletableFuture<RunEnd> ended, CompletableFuture<?> awaited, SignalRelay relay)
            throws FcvmException, InterruptedException {
        try {
            Waiting.until(awaited);
        } catch (InterruptedException interrupted) {
            if (relay.isCallerGone()) {
                throw interrupted; // the machine goes on, as Podman's does
            }
            machine.callOff();
            if (ended.join() instanceof RunEnd.Failed(Throwable why) && !Interruption.isBehind(why)) {
                // Something of it stays, it may be; the next command clears that away.
                listener.warn(String.valueOf(why.getMessage()));
            }
            throw interrupted;
        }
        return ended.isDone() ? Outcomes.code(ended.join()) : 0;
    }

    /** What is done while signals are listened for. */
    private interface Work {
        int run(SignalRelay relay) throws FcvmException, InterruptedException;
    }

    private int interruptible(Work work) throws FcvmException {
        try (SignalRelay relay = SignalRelay.start(signals, listener)) {
            try {
                int code = work.run(relay);
                listener.reached(Phase.EXIT);
                return code;
            } catch (InterruptedException interrupted) {
                Besides.of(interrupted).forEach(listener::warn);
                return relay.ending()
                        .map(signal -> 128 + signal.number())
                        .or(() -> relay.isCallerGone() ? Optional.of(0) : Optional.empty())
                        .orElseThrow(
                                () -> new FcvmException(Kind.HOST, "the run was interrupted from within", interrupted));
            } catch (FcvmException | UncheckedIOException failure) {
                Optional<LinuxSignal> ending = relay.ending();
                if (ending.isPresent() && Interruption.isBehind(failure)) {
                    Besides.of(failure).forEach(listener::warn);
                    return 128 + ending.get().number();
                }
                throw failure;
            }
        }
    }
}
