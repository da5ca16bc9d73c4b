package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.machine.live.Fallback;
import dev.fcvm.machine.live.HostCapacity;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.Parked;
import dev.fcvm.machine.pool.Filling;
import dev.fcvm.machine.pool.PoolRecord;
import dev.fcvm.machine.pool.PoolRequest;
import dev.fcvm.machine.pool.PoolRequest.Stock;
import dev.fcvm.machine.pool.PoolShape;
import dev.fcvm.machine.pool.PoolStore;
import dev.fcvm.machine.pool.PoolView;
import dev.fcvm.machine.pool.Pools;
import dev.fcvm.machine.spec.CloneRequest;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.RunRequest;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.settings.Mode;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import dev.fcvm.vmm.VmSpec.Isolation;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The pools of machines that are ready, as front ends use them. */
public final class Pooling implements AutoCloseable {

    /** What a monitor takes whose guest has written to no page yet: clones share what was saved. */
    private static final long MONITOR = 16L << 20;

    private static final String QEMU = "qemu";

    private final Machines machines;
    private final World world;
    private final Settings settings;
    private final Pools pools;

    Pooling(Machines machines, World world, Settings settings) {
        this.machines = machines;
        this.world = world;
        this.settings = settings;
        this.pools = new Pools(new PoolStore(settings.directories()), world.log());
    }

    /** This process goes on: it keeps them. */
    public void keep(VmmSource monitors) {
        try {
            pools.begin(new Maker(world, settings, monitors));
        } catch (FcvmException unreadable) {
            world.log().accept(String.valueOf(unreadable.getMessage()));
        }
    }

    /** Returns what is known of them. */
    public Pools all() {
        return pools;
    }

    /**
     * Makes one, and waits until it has as many machines as it can have now.
     *
     * @param of whoever wants it
     * @return how it stands then
     */
    public PoolView create(PoolRequest request, Settings of) throws FcvmException, InterruptedException {
        return pools.create(describe(request, of, world.clock().instant().toString()));
    }

    /**
     * Makes a machine of one that waits in a pool, or, where none does, of the pool's snapshot; otherwise as {@link
     * Machines#clone}.
     *
     * @param source of whoever wants it; the mode is the pool's unless another was asked for
     */
    public Machine clone(String pool, CloneRequest request, MachineSource source)
            throws FcvmException, InterruptedException {
        PoolRecord record = pools.find(pool);
        refuseWithoutContainer(record);
        Mode mode = source.settings().mode();
        boolean suits = mode == Mode.AUTO || Isolations.choose(mode) == record.isolation();
        Optional<Parked> parked = suits ? pools.take(pool, _ -> true) : Optional.empty();
        if (parked.isEmpty()) {
            source.listener()
                    .note(
                            suits
                                    ? "no machine of the pool " + pool + " is ready; the clone is made of its snapshot"
                                    : "the machines of the pool " + pool + " are " + record.mode()
                                            + "; the clone is made of its snapshot");
            Settings own = suits ? record.inMode(source.settings()) : source.settings();
            return machines.clone(
                    request,
                    snapshot(record, own),
                    new MachineSource(own, source.monitors(), source.image(), source.listener()));
        }
        try {
            return taken(pool, new Cloning(world, source).take(request, parked.get()), parked.get());
        } catch (FcvmException | InterruptedException | RuntimeException failure) {
            pools.refill(pool);
            throw failure;
        }
    }

    private static void refuseWithoutContainer(PoolRecord pool) throws FcvmException {
        if (pool.shape().isPresent()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "the machines of the pool " + pool.name() + " have no container yet; fcvm run --pool " + pool.name()
                            + " IMAGE takes one");
        }
    }

    private Machine taken(String pool, Creation.Made made, Parked parked) {
        LiveMachine live = machines.hold(made, parked.audience());
        CompletableFuture<Void> _ = live.started().thenRun(() -> pools.refill(pool));
        return new Machine(machines, made.files().files().id(), made.spec().name(), Optional.of(made.launch()));
    }

    /**
     * Makes a machine of one that waits in a pool without a container, or, where none does that is what is asked for, as
     * {@link Machines#create}.
     *
     * @param source of whoever wants it; the mode is the pool's unless another was asked for
     */
    public Machine run(String pool, RunRequest request, MachineSource source)
            throws FcvmException, InterruptedException {
        PoolRecord record = pools.find(pool);
        if (record.shape().isEmpty()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "the machines of the pool " + pool + " run what the snapshot " + record.snapshot()
                            + " runs; fcvm clone --pool " + pool + " takes one");
        }
        refuseCold(source.settings());
        Settings settings =
                source.settings().mode() == Mode.AUTO ? record.inMode(source.settings()) : source.settings();
        var own = new MachineSource(settings, source.monitors(), source.image(), source.listener());
        try {
            Optional<PooledRuns.Taken> made =
                    new PooledRuns(world, own).take(request, wanted -> pools.take(pool, wanted));
            if (made.isPresent()) {
                return taken(pool, made.get().made(), made.get().parked());
            }
        } catch (FcvmException | InterruptedException | RuntimeException failure) {
            pools.refill(pool);
            throw failure;
        }
        source.listener()
                .note("no machine of the pool " + pool + " is ready that is what is asked for; one is started");
        return machines.create(request, own, true);
    }

    /** Describes a pool, and refuses what machines cannot be kept ready of. */
    private static PoolRecord describe(PoolRequest request, Settings settings, String now) throws FcvmException {
        PoolRecord.checkName(request.name());
        PoolRecord.checkSize(request.size());
        Isolation isolation = Isolations.choose(settings.mode());
        return switch (request.stock()) {
            case Stock.Saved(String snapshot) -> saved(request, snapshot, isolation, settings, now);
            case Stock.Warm(Optional<String> cpus, Optional<String> memory, NetworkRequest network) ->
                warm(
                        request,
                        PoolShape.of(cpus, memory, NetworkRequestDocument.of(network), settings),
                        isolation,
                        settings,
                        now);
        };
    }

    private static PoolRecord warm(
            PoolRequest request, PoolShape shape, Isolation isolation, Settings settings, String now)
            throws FcvmException {
        refuseCold(settings);
        return PoolRecord.of(
                request.name(),
                now,
                "",
                "",
                Optional.of(shape),
                request.size(),
                request.most().orElse(0L),
                isolation,
                settings);
    }

    private static void refuseCold(Settings settings) throws FcvmException {
        if (!settings.warmBase()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "the machines of such a pool start from the warm base; leave out --cold and FCVM_WARM_BASE=no");
        }
    }

    private static PoolRecord saved(
            PoolRequest request, String name, Isolation isolation, Settings settings, String now) throws FcvmException {
        Snapshot snapshot = SnapshotStore.open(settings.directories()).find(name);
        SnapshotCheck.check(snapshot);
        MachineSpec saved = Cloning.saved(snapshot);
        if (!snapshot.mapped().isEmpty()) {
            throw unfit(
                    name,
                    "mapped directories or volumes that are disks, of which each clone has a copy made when it begins");
        }
        if (saved.network().request().joins().isPresent()) {
            throw unfit(name, "a place in a network of machines, which each clone takes under its own name");
        }
        return PoolRecord.of(
                request.name(),
                now,
                snapshot.name(),
                snapshot.manifest().id(),
                Optional.empty(),
                request.size(),
                request.most().orElse(0L),
                isolation,
                settings);
    }

    private static FcvmException unfit(String snapshot, String why) {
        return new FcvmException(
                Kind.USAGE,
                "no pool can be made of the snapshot " + snapshot + ": its machine had " + why
                        + "; make clones of it with: fcvm clone " + snapshot);
    }

    /** Returns the snapshot of a pool. */
    public Snapshot snapshot(String pool) throws FcvmException {
        PoolRecord record = pools.find(pool);
        refuseWithoutContainer(record);
        return snapshot(record, settings);
    }

    /** Finds the snapshot of a pool, and finds it good. */
    private static Snapshot snapshot(PoolRecord pool, Settings settings) throws FcvmException {
        Snapshot snapshot = SnapshotStore.open(settings.directories()).find(pool.snapshot());
        if (!snapshot.manifest().id().equals(pool.snapshotId())) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "the snapshot " + pool.snapshot() + " is another than that of the pool " + pool.name()
                            + "; make the pool anew: fcvm pool rm " + pool.name());
        }
        SnapshotCheck.check(snapshot);
        return snapshot;
    }

    /** Ends the machines of all; the next process that goes on fills them again. */
    @Override
    public void close() {
        pools.close();
    }

    /**
     * Makes the machines of pools.
     *
     * @param settings of the process that keeps them
     */
    private record Maker(World world, Settings settings, VmmSource monitors) implements Filling {

        @Override
        public Parked fill(PoolRecord pool) throws FcvmException, InterruptedException {
            MachineSource source = source(pool);
            return pool.shape().isPresent()
                    ? new PooledRuns(world, source).park(pool.shape().get())
                    : new Cloning(world, source).park(snapshot(pool, settings));
        }

        private MachineSource source(PoolRecord pool) {
            return new MachineSource(
                    pool.over(settings),
                    monitors,
                    () -> {
                        throw new IllegalStateException("a machine that waits is given its image later, or has it");
                    },
                    new Fallback(world.log()));
        }

        @Override
        public boolean isOfUse(PoolRecord pool, Parked machine) throws FcvmException, InterruptedException {
            if (pool.shape().isEmpty()) {
                return true; // its snapshot cannot become another one
            }
            Launch now = new PooledRuns(world, source(pool)).kind(pool.shape().get());
            return now.warm().map(WarmStart::key).equals(machine.kind().warm().map(WarmStart::key));
        }

        @Override
        public long costs(PoolRecord pool) throws FcvmException {
            if (pool.shape().isPresent()) {
                return MONITOR;
            }
            Snapshot snapshot = snapshot(pool, settings);
            try {
                // QEMU reads all that was saved into a memory of the machine's own.
                return snapshot.manifest().vmm().equals(QEMU)
                        ? MONITOR + DiskUse.allocated(snapshot.vm().memory())
                        : MONITOR;
            } catch (IOException unreadable) {
                throw new FcvmException(
                        Kind.HOST,
                        "cannot look at the snapshot " + snapshot.name() + ": " + IoReason.of(unreadable),
                        unreadable);
            }
        }

        @Override
        public long available() {
            return HostCapacity.availableMib() << 20;
        }
    }
}
