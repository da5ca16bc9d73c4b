package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.machine.live.Fallback;
import dev.fcvm.machine.live.HostCapacity;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.Parked;
import dev.fcvm.machine.pool.Filling;
import dev.fcvm.machine.pool.PoolRecord;
import dev.fcvm.machine.pool.PoolRequest;
import dev.fcvm.machine.pool.PoolStore;
import dev.fcvm.machine.pool.PoolView;
import dev.fcvm.machine.pool.Pools;
import dev.fcvm.machine.spec.CloneRequest;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.World;
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
        Mode mode = source.settings().mode();
        boolean suits = mode == Mode.AUTO || Isolations.choose(mode) == record.isolation();
        Optional<Parked> parked = suits ? pools.take(pool) : Optional.empty();
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
            Creation.Made made = new Cloning(world, source).take(request, parked.get());
            LiveMachine live = machines.hold(made, parked.get().audience());
            CompletableFuture<Void> _ = live.started().thenRun(() -> pools.refill(pool));
            return new Machine(machines, made.files().files().id(), made.spec().name(), Optional.of(made.launch()));
        } catch (FcvmException | InterruptedException | RuntimeException failure) {
            pools.refill(pool);
            throw failure;
        }
    }

    /** Describes a pool, and refuses a snapshot that machines cannot be kept ready of. */
    static PoolRecord describe(PoolRequest request, Settings settings, String now) throws FcvmException {
        PoolRecord.checkName(request.name());
        PoolRecord.checkSize(request.size());
        Isolation isolation = Isolations.choose(settings.mode());
        Snapshot snapshot = SnapshotStore.open(settings.directories()).find(request.snapshot());
        SnapshotCheck.check(snapshot);
        MachineSpec saved = Cloning.saved(snapshot);
        if (!snapshot.mapped().isEmpty()) {
            throw unfit(
                    request,
                    "mapped directories or volumes that are disks, of which each clone has a copy made when it begins");
        }
        if (saved.network().request().joins().isPresent()) {
            throw unfit(request, "a place in a network of machines, which each clone takes under its own name");
        }
        return PoolRecord.of(
                request.name(),
                now,
                snapshot.name(),
                snapshot.manifest().id(),
                request.size(),
                request.memory().orElse(0L),
                isolation,
                settings);
    }

    private static FcvmException unfit(PoolRequest request, String why) {
        return new FcvmException(
                Kind.USAGE,
                "no pool can be made of the snapshot " + request.snapshot() + ": its machine had " + why
                        + "; make clones of it with: fcvm clone " + request.snapshot());
    }

    /** Returns the snapshot of a pool. */
    public Snapshot snapshot(String pool) throws FcvmException {
        PoolRecord record = pools.find(pool);
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
            var source = new MachineSource(
                    pool.over(settings),
                    monitors,
                    () -> {
                        throw new IllegalStateException("a clone has its image");
                    },
                    new Fallback(world.log()));
            return new Cloning(world, source).park(snapshot(pool, settings));
        }

        @Override
        public long costs(PoolRecord pool) throws FcvmException {
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
