package dev.fcvm.machine.pool;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.machine.live.Parked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The pools of a user, as far as this process keeps them: only one that goes on does. Closing ends their machines; the pools
 * are there still, and the next process that goes on fills them again.
 */
public final class Pools implements AutoCloseable {

    private final PoolStore store;
    private final Consumer<String> log;
    private final Semaphore turn = new Semaphore(1);
    private final Map<String, PoolKeeper> keepers = new HashMap<>();
    private Optional<Filling> filling = Optional.empty();

    /** @param log is told in one line what nobody is there to hear */
    public Pools(PoolStore store, Consumer<String> log) {
        this.store = store;
        this.log = log;
    }

    /** From here on this process keeps those there are. */
    public synchronized void begin(Filling with) throws FcvmException {
        filling = Optional.of(with);
        for (String name : store.names()) {
            try {
                keep(store.find(name), with).begin();
            } catch (FcvmException damaged) {
                log.accept(String.valueOf(damaged.getMessage()));
            }
        }
    }

    private synchronized PoolKeeper keep(PoolRecord pool, Filling with) {
        var keeper = new PoolKeeper(pool, store, with, turn, this::used, log);
        keepers.put(pool.name(), keeper);
        return keeper;
    }

    /** Returns how many this process keeps. */
    public synchronized int count() {
        return keepers.size();
    }

    /** Returns whether a machine waits in one of them. */
    public boolean holds(MachineId id) {
        return all().stream().anyMatch(keeper -> keeper.holds(id));
    }

    private long used() {
        return all().stream().mapToLong(PoolKeeper::used).sum();
    }

    private synchronized List<PoolKeeper> all() {
        return List.copyOf(keepers.values());
    }

    private synchronized Optional<PoolKeeper> keeper(String name) {
        return Optional.ofNullable(keepers.get(name));
    }

    /**
     * Makes one, and waits until it has as many machines as it can have now.
     *
     * @return how it stands then
     * @throws FcvmException when no machine of it can be made; there is no such pool then
     */
    public PoolView create(PoolRecord pool) throws FcvmException, InterruptedException {
        Filling with = keeping();
        store.create(pool);
        PoolKeeper keeper = keep(pool, with);
        keeper.begin();
        try {
            Optional<FcvmException> failure = keeper.looked().get();
            PoolView view = view(pool.name());
            if (failure.isPresent() && view.ready() == 0) {
                remove(pool.name());
                throw failure.get();
            }
            return view;
        } catch (ExecutionException never) {
            throw new IllegalStateException(never);
        } catch (InterruptedException calledOff) {
            remove(pool.name());
            throw calledOff;
        }
    }

    private synchronized Filling keeping() throws FcvmException {
        return filling.orElseThrow(
                () -> new FcvmException(Kind.USAGE, "a pool is kept by the supervisor; leave out FCVM_SUPERVISOR=off"));
    }

    /**
     * Takes a machine out of one; {@link #refill} has it filled again.
     *
     * @param wanted whether one is what is wanted
     * @return nothing when none is ready here
     */
    public Optional<Parked> take(String name, Predicate<Parked> wanted) throws FcvmException, InterruptedException {
        Optional<PoolKeeper> keeper = keeper(name);
        return keeper.isPresent() ? keeper.get().take(wanted) : Optional.empty();
    }

    /** Has one filled again of which machines were taken. */
    public void refill(String name) {
        keeper(name).ifPresent(PoolKeeper::refill);
    }

    /**
     * Returns what one is to be.
     *
     * @throws FcvmException when there is none
     */
    public PoolRecord find(String name) throws FcvmException {
        return store.find(name);
    }

    /** Returns how one stands, whoever keeps it. */
    public PoolView view(String name) throws FcvmException, InterruptedException {
        PoolRecord pool = store.find(name);
        Optional<PoolStatus> here = keeper(name).flatMap(PoolKeeper::status);
        return here.isPresent() ? PoolView.of(pool, here.get()) : store.view(pool);
    }

    /**
     * Returns how all of them stand, whoever keeps them, by their names.
     *
     * @param damaged is told of those that cannot be read
     */
    public List<PoolView> views(Consumer<FcvmException> damaged) throws FcvmException, InterruptedException {
        List<PoolView> views = new ArrayList<>();
        for (String name : store.names()) {
            try {
                views.add(view(name));
            } catch (FcvmException unreadable) {
                damaged.accept(unreadable);
            }
        }
        return views;
    }

    /** Returns the names of all. */
    public List<String> names() throws FcvmException {
        return store.names();
    }

    /**
     * Removes one, with its machines; those that were taken go on.
     *
     * @throws FcvmException when there is none, or another process keeps it
     */
    public void remove(String name) throws FcvmException, InterruptedException {
        if (!store.has(name)) {
            store.find(name);
        }
        Optional<PoolKeeper> keeper;
        synchronized (this) {
            keeper = Optional.ofNullable(keepers.remove(name));
        }
        keeper.ifPresent(PoolKeeper::close);
        try (LockFile own = store.own(name).orElse(null)) {
            if (own == null && store.has(name)) {
                throw new FcvmException(
                        Kind.IN_USE,
                        "the pool " + name + " is kept by a supervisor that runs elsewhere, or leave out"
                                + " FCVM_SUPERVISOR=off; remove it from there");
            }
            store.remove(name);
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot lock the pool " + name + ": " + failure.getMessage(), failure);
        }
    }

    /** Ends the machines of all, and keeps none any more. */
    @Override
    public void close() {
        List<PoolKeeper> ending;
        synchronized (this) {
            filling = Optional.empty();
            ending = List.copyOf(keepers.values());
            keepers.clear();
        }
        ending.forEach(PoolKeeper::close);
    }
}
