package dev.fcvm.machine.pool;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.process.ProcessMemory;
import dev.fcvm.machine.live.Parked;
import dev.fcvm.machine.pool.MemoryBound.Memory;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Keeps one pool: has as many machines ready as there are to be, and as memory allows. Its thread looks after them when
 * one was taken, and now and then. Closing it ends them all.
 */
final class PoolKeeper implements AutoCloseable {

    /** How often it looks what has changed by itself: memory that is free again, a monitor that was killed. */
    private static final long LOOK_MILLIS = 30_000;

    /** For how long nobody must have taken a machine before another is made. */
    private static final long QUIET_MILLIS = 500;

    private final PoolRecord pool;
    private final PoolStore store;
    private final Filling filling;
    private final Semaphore turn;
    private final LongSupplier all;
    private final Consumer<String> log;
    private final MemoryBound bound;
    private final Thread thread;
    private final CompletableFuture<Optional<FcvmException>> looked = new CompletableFuture<>();
    private final Deque<Parked> ready = new ArrayDeque<>();
    private boolean changed;
    private boolean ended;
    private long largest;
    private volatile String told = "";
    private volatile boolean owned;

    /**
     * Makes one; {@link #begin} has it work.
     *
     * @param turn held by the keeper that makes a machine: of all pools one is made at a time
     * @param all how many bytes the machines of all pools take
     */
    PoolKeeper(
            PoolRecord pool, PoolStore store, Filling filling, Semaphore turn, LongSupplier all, Consumer<String> log) {
        this.pool = pool;
        this.store = store;
        this.filling = filling;
        this.turn = turn;
        this.all = all;
        this.log = log;
        this.bound = new MemoryBound(pool.memory());
        // Not on behalf of the command that made the pool, which ends.
        this.thread = Thread.ofVirtual()
                .name("pool-" + pool.name())
                .inheritInheritableThreadLocals(false)
                .unstarted(this::keep);
    }

    void begin() {
        thread.start();
    }

    PoolRecord pool() {
        return pool;
    }

    /** Completes when it has as many as there can be now, with what was in the way of making the others, if something was. */
    CompletableFuture<Optional<FcvmException>> looked() {
        return looked;
    }

    /** Returns how many bytes of memory its machines take. */
    synchronized long used() {
        return ready.stream()
                .mapToLong(machine -> ProcessMemory.own(machine.monitor()))
                .sum();
    }

    /** Returns whether a machine is one of its own. */
    synchronized boolean holds(MachineId id) {
        return ready.stream().anyMatch(machine -> machine.id().equals(id));
    }

    /** Takes one; the pool is filled again when {@link #refill} is called. Whoever takes one closes it. */
    Optional<Parked> take(Predicate<Parked> wanted) throws FcvmException, InterruptedException {
        Optional<Parked> taken = next(wanted);
        while (taken.isPresent() && !taken.get().isAlive()) {
            taken.get().close();
            taken = next(wanted);
        }
        return taken;
    }

    private synchronized Optional<Parked> next(Predicate<Parked> wanted) {
        Optional<Parked> first =
                ended ? Optional.empty() : ready.stream().filter(wanted).findFirst();
        first.ifPresent(ready::remove);
        return first;
    }

    /** Has it look after its machines now. */
    synchronized void refill() {
        changed = true;
        notifyAll();
    }

    private void keep() {
        try {
            while (!isEnded()) {
                try (LockFile lock = store.own(pool.name()).orElse(null)) {
                    if (lock != null) {
                        keepOwned();
                    }
                }
                looked.complete(Optional.empty());
                rest(); // another process keeps it, or none is to any more
            }
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
        } catch (FcvmException | IOException | RuntimeException failure) {
            log.accept("the pool " + pool.name() + " is kept no more: " + failure.getMessage());
        } finally {
            looked.complete(Optional.empty());
        }
    }

    private void keepOwned() throws FcvmException, InterruptedException {
        owned = true;
        try {
            while (!isEnded()) {
                Look look = look();
                write(look.reason());
                looked.complete(look.failure());
                if (rest()) {
                    write(told); // for others, who see that one is gone
                    calm();
                }
            }
        } finally {
            owned = false;
            Uninterrupted.run(this::endAll);
        }
    }

    /**
     * What came of a look.
     *
     * @param reason why there are fewer machines than there are to be
     * @param failure what went wrong, where it was that
     */
    private record Look(String reason, Optional<FcvmException> failure) {}

    private Look look() throws FcvmException, InterruptedException {
        endTooMany();
        try {
            endUseless();
            while (!isEnded() && size() < pool.size()) {
                turn.acquire();
                try {
                    Optional<String> refusal = bound.refusal(memory(), each());
                    if (refusal.isPresent()) {
                        return new Look(refusal.get(), Optional.empty());
                    }
                    add(filling.fill(pool));
                } finally {
                    turn.release();
                }
                write("");
            }
            return new Look("", Optional.empty());
        } catch (FcvmException failure) {
            return new Look(String.valueOf(failure.getMessage()), Optional.of(failure));
        }
    }

    private long each() throws FcvmException, InterruptedException {
        return largest > 0 ? largest : filling.costs(pool);
    }

    private Memory memory() {
        return new Memory(used(), all.getAsLong(), filling.available());
    }

    private synchronized int size() {
        return ready.size();
    }

    private void add(Parked machine) throws FcvmException {
        largest = Math.max(largest, ProcessMemory.own(machine.monitor()));
        synchronized (this) {
            if (!ended) {
                ready.add(machine);
                return;
            }
        }
        machine.close();
    }

    private void endUseless() throws FcvmException, InterruptedException {
        List<Parked> there;
        synchronized (this) {
            there = List.copyOf(ready);
        }
        for (Parked machine : there) {
            if ((!machine.isAlive() || !filling.isOfUse(pool, machine)) && leaves(machine)) {
                machine.close();
            }
        }
    }

    private synchronized boolean leaves(Parked machine) {
        return ready.remove(machine);
    }

    private void endTooMany() throws FcvmException {
        while (bound.isPassed(memory())) {
            Optional<Parked> last = last();
            if (last.isEmpty()) {
                return;
            }
            last.get().close();
        }
    }

    private synchronized Optional<Parked> last() {
        return Optional.ofNullable(ready.pollLast());
    }

    private void endAll() throws FcvmException {
        for (Optional<Parked> machine = last(); machine.isPresent(); machine = last()) {
            machine.get().close();
        }
    }

    /** Writes down how it stands, and tells the log why there are fewer, once. */
    private void write(String reason) throws FcvmException {
        PoolStatus status = status(reason);
        store.write(pool.name(), status);
        if (!reason.isEmpty() && !reason.equals(told)) {
            log.accept("the pool " + pool.name() + " has " + status.ready() + " of " + pool.size() + " machines: "
                    + reason);
        }
        told = reason;
    }

    private synchronized PoolStatus status(String reason) {
        return new PoolStatus(
                ready.size(),
                used(),
                reason,
                ready.stream().map(machine -> machine.id().value()).toList());
    }

    /** Returns how it stands now; nothing where another process keeps it. */
    Optional<PoolStatus> status() {
        return owned ? Optional.of(status(told)) : Optional.empty();
    }

    /** Waits for the next look; returns whether a machine was taken. */
    private synchronized boolean rest() throws InterruptedException {
        awaitChange(LOOK_MILLIS);
        return changed;
    }

    /** Those who take one often take more, and what was taken is to have the processors for itself. */
    private synchronized void calm() throws InterruptedException {
        while (changed && !ended) {
            changed = false;
            awaitChange(QUIET_MILLIS);
        }
    }

    /** Waits until a machine was taken, or this is to end; no longer than this. */
    private synchronized void awaitChange(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = millis; !changed && !ended && left > 0; ) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    /** Ends all its machines, and waits for that; what is being made is given up. */
    @Override
    public void close() {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        thread.interrupt();
        Uninterrupted.join(thread);
    }
}
