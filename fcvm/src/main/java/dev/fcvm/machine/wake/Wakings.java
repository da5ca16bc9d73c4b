package dev.fcvm.machine.wake;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;

/**
 * Machines that are being woken: each once at a time, however many want something of it. A waking goes on when whoever
 * wanted it first waits no more, since others may.
 */
public final class Wakings {

    private final ConcurrentMap<MachineId, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();

    /** What wakes a machine. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws FcvmException, InterruptedException;
    }

    /** Returns whether a machine is being woken. */
    public boolean isUnderWay(MachineId id) {
        return underWay.containsKey(id);
    }

    /**
     * Wakes a machine, or waits until it is, where somebody does already.
     *
     * @throws FcvmException when it does not go on
     */
    public void wake(MachineId id, Work work) throws FcvmException, InterruptedException {
        var mine = new CompletableFuture<Boolean>();
        CompletableFuture<Boolean> first = underWay.putIfAbsent(id, mine);
        if (first == null) {
            Thread.ofVirtual().name("waking-" + id.brief()).start(() -> run(id, work, mine));
        }
        try {
            (first == null ? mine : first).get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case FcvmException why -> throw new FcvmException(why.kind(), String.valueOf(why.getMessage()), failed);
                case InterruptedException _ -> throw new InterruptedException("the waking was called off");
                case null, default -> throw new CompletionException(failed.getCause());
            }
        }
    }

    private void run(MachineId id, Work work, CompletableFuture<Boolean> done) {
        try {
            work.run();
            underWay.remove(id);
            done.complete(true);
        } catch (FcvmException | InterruptedException | RuntimeException | Error failure) {
            underWay.remove(id);
            done.completeExceptionally(failure);
        }
    }
}
