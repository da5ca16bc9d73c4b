package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.host.file.SparseFiles;
import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.live.Base;
import dev.fcvm.machine.live.HostCapacity;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.Parked;
import dev.fcvm.machine.live.RunNetwork;
import dev.fcvm.machine.live.WarmMaker;
import dev.fcvm.machine.pool.PoolShape;
import dev.fcvm.machine.spec.CidFile;
import dev.fcvm.machine.spec.LimitsCheck;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.ResolvedImage;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.spec.RunRequest;
import dev.fcvm.machine.store.Environments;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.warm.WarmBases;
import dev.fcvm.machine.warm.WarmKey;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.select.VmmChoice;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Machines of warm bases that wait without an image, and what {@code fcvm run} makes of one. */
final class PooledRuns {

    private final World world;
    private final MachineSource source;
    private final Creation creation;

    PooledRuns(World world, MachineSource source) {
        this.world = world;
        this.source = source;
        this.creation = new Creation(world, source);
    }

    /**
     * Restores one from its warm base that is nobody's yet, has no image, and stands still. Where there is no warm base, it is
     * made before.
     *
     * @throws FcvmException when it cannot be made; nothing of it is left
     */
    Parked park(PoolShape shape) throws FcvmException, InterruptedException {
        Launch launch = kind(shape);
        WarmStart wanted = launch.warm().orElseThrow();
        var bases = new WarmBases(source.settings(), world.clock());
        Optional<Snapshot> base = bases.find(wanted.key(), source.listener());
        if (base.isEmpty()) {
            WarmMaker.inBackground(world, source.settings()).make(launch, wanted);
            base = bases.find(wanted.key(), source.listener());
        }
        if (base.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.IN_USE,
                    "there is no warm base for such machines: it is being made, or could not be a while ago");
        }
        OwnedMachine machine = world.store().createPooled();
        try (Pending unmade = new Pending(machine::close)) {
            var preparing = new MachineState.Preparing(world.clock().instant());
            machine.write(preparing);
            SparseFiles.copy(base.get().scratch(), machine.files().scratch());
            Parked parked = Parked.restoreWarm(
                    world, machine, preparing, launch.starting(new WarmStart(wanted.key(), base, wanted.diskSize())));
            unmade.handOver();
            return parked;
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot copy the disk of a warm base to " + machine.files().directory() + ": "
                            + IoReason.of(failure),
                    failure);
        }
    }

    /** Returns with what machines of a pool are started, by what there is now. */
    Launch kind(PoolShape shape) throws FcvmException, InterruptedException {
        Settings settings = source.settings();
        Isolation isolation = Isolations.choose(settings.mode());
        NetworkRequest network = shape.network().request();
        Base base = Base.find(settings);
        LimitsCheck.check(isolation, settings, source.listener());
        RunNetwork.check(network, isolation, settings);
        VmmChoice choice = source.monitor(settings, isolation);
        if (!choice.vmm().capabilities().announcesDisks()) {
            throw new FcvmException(
                    FcvmException.Kind.VMM,
                    "a machine of " + choice.vmm().name() + " that waits cannot be given its image; make a pool with"
                            + " --snapshot");
        }
        Resources resources = Resources.of(
                shape.wantedCpus(),
                shape.wantedMemory(),
                HostCapacity.ask(choice.vmm().capabilities().hardware()));
        DataSize diskSize = DiskPlan.choose(
                settings.diskSize(),
                settings.diskFloor(),
                settings.directories().machines());
        WarmKey key = WarmMaker.key(settings, base, choice.vmm(), resources, diskSize);
        return new Launch(
                settings,
                base,
                choice.vmm(),
                isolation,
                resources,
                network,
                Optional.empty(),
                Optional.empty(),
                true,
                Optional.empty(),
                false,
                List.of(),
                Optional.of(new WarmStart(key, Optional.empty(), diskSize)));
    }

    /** What takes machines out of a pool. */
    @FunctionalInterface
    interface Stock {
        /** Takes one of which this is true; nothing when there is none. */
        Optional<Parked> take(Predicate<Parked> wanted) throws FcvmException, InterruptedException;
    }

    /**
     * Makes one of a machine that waits, where one does that is what would be started; it is started next.
     *
     * @return nothing when there is none
     */
    Optional<Taken> take(RunRequest request, Stock stock) throws FcvmException, InterruptedException {
        Creation.Decided known = creation.decide(request);
        ResolvedImage image = known.image().isPresent() ? known.image().get() : creation.resolve();
        Creation.refuseNothingToRun(request, image);
        Creation.Decided decided = known.of(image);
        WarmKey key = WarmMaker.key(
                source.settings(), decided.base(), decided.choice().vmm(), decided.resources(), decided.diskSize());
        Optional<Parked> parked = needsOwn(decided) ? Optional.empty() : stock.take(one -> isOf(one, key, decided));
        return parked.isPresent()
                ? Optional.of(new Taken(made(decided, image, parked.get()), parked.get()))
                : Optional.empty();
    }

    /**
     * A machine that was made of one that waited.
     *
     * @param parked the one that waited
     */
    record Taken(Creation.Made made, Parked parked) {}

    /** What is put in, or set, while a machine is restored, cannot be any more in one that waits. */
    private static boolean needsOwn(Creation.Decided decided) {
        boolean disks = decided.request().mappings().stream()
                .anyMatch(mapping ->
                        !(mapping instanceof Mapping.HostDirectory directory) || directory.mode() == MapMode.BLOCK);
        return disks || !decided.limits().equals(RateLimits.NONE);
    }

    private static boolean isOf(Parked one, WarmKey key, Creation.Decided decided) {
        Launch kind = one.kind();
        return kind.warm().filter(warm -> warm.key().equals(key)).isPresent()
                && kind.isolation() == decided.isolation()
                && kind.network().equals(decided.request().network().with(List.of()));
    }

    private Creation.Made made(Creation.Decided decided, ResolvedImage image, Parked parked)
            throws FcvmException, InterruptedException {
        OwnedMachine machine = parked.owned();
        try (Pending unmade = new Pending(parked::close);
                CidFile cidFile = CidFile.create(
                        decided.request().cidFile(), machine.files().id().value())) {
            parked.publish(decided.request().network().ports());
            MachineName name = decided.name().orElse(machine.name());
            MachineSpec spec = creation.spec(decided, image, machine, name);
            if (name.equals(machine.name())) {
                machine.write(spec);
            } else {
                machine.rename(spec, name);
            }
            machine.leavePool();
            if (spec.keep()) {
                Environments.write(machine.files(), decided.request().environment());
            }
            MachineState.Created created = parked.state().created(world.clock().instant());
            machine.write(created);
            world.happened(Action.CREATE, machine, spec);
            cidFile.keep();
            unmade.handOver();
            return new Creation.Made(
                    machine,
                    spec,
                    created,
                    parked.launch(creation.launch(
                            decided, Optional.empty(), parked.kind().warm())));
        }
    }
}
