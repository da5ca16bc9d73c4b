package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Uninterrupted;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** A step of the preparation done on a thread of its own, while the run does another. Closing ends it. */
public final class Preparation implements AutoCloseable {

    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private final Thread worker;

    private Preparation(Step step) {
        this.worker = Thread.ofPlatform().name("preparation").daemon().unstarted(() -> work(step));
    }

    /** What is done. */
    @FunctionalInterface
    public interface Step {
        void run() throws FcvmException, InterruptedException;
    }

    /** Begins a step beside others. */
    public static Preparation start(Step step) {
        var preparation = new Preparation(step);
        preparation.worker.start();
        return preparation;
    }

    private void work(Step step) {
        try {
            step.run();
            done.complete(true);
        } catch (FcvmException | InterruptedException | RuntimeException | Error failure) {
            done.completeExceptionally(failure);
        }
    }

    /** Waits for its end. */
    public void await() throws FcvmException, InterruptedException {
        try {
            done.get();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof FcvmException expected) {
                throw expected;
            }
            throw new CompletionException(failure.getCause());
        }
    }

    @Override
    public void close() {
        worker.interrupt();
        Uninterrupted.join(worker);
    }
}
