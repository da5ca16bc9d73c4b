package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunListener;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Waits until a machine is ready beside somebody who stays with it from its start. Closing waits no more. */
final class ReadyWaiting implements AutoCloseable {

    private final Optional<ReadyGate> gate;
    private final CompletableFuture<Optional<FcvmException>> outcome = new CompletableFuture<>();
    private final Thread waiter;

    /**
     * @param gate nothing when nothing is waited for
     * @param started completes when the container runs, or never will
     * @param ended completes when the run has ended
     */
    ReadyWaiting(Optional<ReadyGate> gate, CompletableFuture<Boolean> started, CompletableFuture<RunEnd> ended) {
        this.gate = gate;
        this.waiter = Thread.ofVirtual().name("ready").unstarted(() -> outcome.complete(attempt(started, ended)));
        if (gate.isPresent()) {
            waiter.start();
        } else {
            outcome.complete(Optional.empty());
        }
    }

    private Optional<FcvmException> attempt(CompletableFuture<Boolean> started, CompletableFuture<RunEnd> ended) {
        try {
            if (gate.isPresent() && (Waiting.until(started) || hasExited(ended))) {
                gate.get().pass(true, () -> true);
            }
            return Optional.empty();
        } catch (FcvmException unready) {
            return Optional.of(unready);
        } catch (InterruptedException left) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** A container may be over before anybody has seen it run. */
    private static boolean hasExited(CompletableFuture<RunEnd> ended) throws InterruptedException {
        return Waiting.until(ended.exceptionally(toldElsewhere -> new RunEnd.LetGo())) instanceof RunEnd.Exited;
    }

    /**
     * Says what the end of a run is to its user.
     *
     * @param code the container's
     * @throws FcvmException when the machine was not ready, and the container's own end does not say more
     */
    int judge(int code, CompletableFuture<RunEnd> ended, RunListener listener)
            throws FcvmException, InterruptedException {
        Optional<FcvmException> unready = Waiting.until(outcome);
        return unready.isPresent() && gate.isPresent() ? gate.get().code(unready.get(), ended, listener) : code;
    }

    @Override
    public void close() {
        waiter.interrupt();
    }
}
