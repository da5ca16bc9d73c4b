package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.host.file.SparseFiles;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.live.Base;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.Parked;
import dev.fcvm.machine.live.RunMappings;
import dev.fcvm.machine.live.RunNetwork;
import dev.fcvm.machine.spec.CloneRequest;
import dev.fcvm.machine.spec.Hostname;
import dev.fcvm.machine.spec.LimitsCheck;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.spec.SuspendAfter;
import dev.fcvm.machine.store.Environments;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.World;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.snapshot.MappedDisk;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.select.VmmChoice;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.set.LateMappings;
import dev.fcvm.volume.set.MachineMappings;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes machines of snapshots: everything of one but its monitor. What can be refused is refused before. */
final class Cloning {

    private final World world;
    private final MachineSource source;

    Cloning(World world, MachineSource source) {
        this.world = world;
        this.source = source;
    }

    private record Decided(
            CloneRequest request,
            Snapshot snapshot,
            MachineSpec saved,
            Settings settings,
            Base base,
            VmmChoice choice,
            Isolation isolation,
            NetworkRequest network,
            Optional<MachineName> name) {}

    /** Makes one, with its ports held from now on; it is started next. */
    Creation.Made make(CloneRequest request, Snapshot snapshot) throws FcvmException, InterruptedException {
        Decided decided = decide(request, snapshot);
        OwnedMachine machine = world.store().create(decided.name());
        try (Pending unmade = new Pending(machine::close)) {
            var preparing = new MachineState.Preparing(world.clock().instant());
            machine.write(preparing);
            MachineSpec spec = spec(decided, machine);
            RunNetwork network = RunNetwork.prepare(
                    decided.network(),
                    decided.isolation(),
                    machine.files(),
                    machine.journal(),
                    List.of(spec.name(), spec.hostname()),
                    Optional.empty(),
                    decided.settings(),
                    source.listener());
            try (Pending held = new Pending(network::close)) {
                machine.write(spec);
                // From here on the image is used by a machine; it may have gone a moment before.
                refuseWithoutImage(decided.saved());
                Environments.writeForCommands(machine.files(), request.environment());
                copyDisks(snapshot, machine.files());
                MachineState.Created created = preparing.created(world.clock().instant());
                machine.write(created);
                world.happened(Action.CREATE, machine, spec);
                held.handOver();
                unmade.handOver();
                return new Creation.Made(machine, spec, created, launch(decided, Optional.of(network)));
            }
        }
    }

    /**
     * Restores one that is nobody's yet, and stands still.
     *
     * @throws FcvmException when it cannot be made; nothing of it is left
     */
    Parked park(Snapshot snapshot) throws FcvmException, InterruptedException {
        Decided decided = decide(CloneRequest.NOTHING, snapshot);
        OwnedMachine machine = world.store().createPooled();
        try (Pending unmade = new Pending(machine::close)) {
            var preparing = new MachineState.Preparing(world.clock().instant());
            machine.write(preparing);
            MachineSpec spec = spec(decided, machine);
            copyDisks(snapshot, machine.files());
            Parked parked = Parked.restore(world, machine, preparing, spec, launch(decided, Optional.empty()));
            unmade.handOver();
            return parked;
        }
    }

    /**
     * Makes one of a machine that waits; it is started next.
     *
     * @throws FcvmException when it cannot be made; nothing of it is left, nor of the one that waited
     */
    Creation.Made take(CloneRequest request, Parked parked) throws FcvmException, InterruptedException {
        OwnedMachine machine = parked.owned();
        try (Pending unmade = new Pending(parked::close)) {
            Launch launch = parked.launch();
            Optional<MachineName> name = checked(request, parked.spec());
            NetworkRequest network = network(request, parked.spec());
            RunNetwork.check(network, launch.isolation(), launch.settings());
            checkMappings(request, parked.spec(), network, launch.isolation(), launch.settings());
            refuseWithoutImage(parked.spec());
            parked.publish(network.ports());
            MachineSpec spec = spec(request, parked.spec(), launch.isolation(), network, machine);
            if (name.isPresent()) {
                spec = machine.rename(spec, name.get());
            } else {
                machine.write(spec);
            }
            machine.leavePool();
            Environments.writeForCommands(machine.files(), request.environment());
            MachineState.Created created = parked.state().created(world.clock().instant());
            machine.write(created);
            world.happened(Action.CREATE, machine, spec);
            unmade.handOver();
            return new Creation.Made(machine, spec, created, launch.adding(request.mappings()));
        }
    }

    private static Optional<MachineName> checked(CloneRequest request, MachineSpec saved) throws FcvmException {
        Optional<MachineName> name = request.name().isPresent()
                ? Optional.of(MachineName.parse(request.name().get()))
                : Optional.empty();
        if (request.hostname().isPresent()) {
            Hostname.check(request.hostname().get());
        }
        SuspendAfter.check(request, saved);
        return name;
    }

    private static NetworkRequest network(CloneRequest request, MachineSpec saved) throws FcvmException {
        NetworkRequest before = saved.network().request();
        if (!before.enabled() && !request.ports().isEmpty()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "--publish says nothing of a machine without a network, and the one that was saved has none");
        }
        return before.with(request.ports());
    }

    private Decided decide(CloneRequest request, Snapshot snapshot) throws FcvmException, InterruptedException {
        MachineSpec saved = saved(snapshot);
        Optional<MachineName> name = checked(request, saved);
        Settings settings = source.settings()
                .booting(
                        VmmKind.valueOf(saved.vmm().toUpperCase(Locale.ROOT)),
                        saved.kernel().isEmpty() ? Optional.empty() : Optional.of(Path.of(saved.kernel())));
        Isolation isolation = Isolations.choose(settings.mode());
        Base found = Base.find(settings);
        var base = new Base(found.kernel(), found.initramfs(), snapshot.rootfs(), found.info());
        NetworkRequest network = network(request, saved);
        checkMappings(request, saved, network, isolation, settings);
        LimitsCheck.check(isolation, settings, source.listener());
        RunNetwork.check(network, isolation, settings);
        VmmChoice choice = source.monitor(settings, isolation);
        if (!choice.vmm().capabilities().snapshots()
                || choice.vmm().capabilities().hardware() != saved.kvm()) {
            throw new FcvmException(
                    Kind.VMM,
                    "the snapshot " + snapshot.name() + " was made by "
                            + snapshot.manifest().monitor()
                            + (saved.kvm() ? " with KVM" : " without KVM") + ", which cannot go on with it here ("
                            + choice.reason() + ")");
        }
        refuseWithoutImage(saved);
        refuseWithoutRoom(snapshot, settings);
        return new Decided(request, snapshot, saved, settings, base, choice, isolation, network, name);
    }

    /** Returns what the machine was that was saved. */
    static MachineSpec saved(Snapshot snapshot) throws FcvmException {
        try {
            return Jsonb.instance().type(MachineSpec.class).fromJson(snapshot.spec());
        } catch (IOException | JsonException | NullPointerException | IllegalArgumentException damaged) {
            throw new FcvmException(
                    Kind.HOST,
                    "the snapshot " + snapshot.name() + " cannot be used: its " + Snapshot.SPEC + " is damaged, or of"
                            + " another version of fcvm",
                    damaged);
        }
    }

    private static void refuseWithoutImage(MachineSpec saved) throws FcvmException {
        if (!Files.isReadable(Path.of(saved.storeDisk()))) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "the image that was saved with its machine, " + saved.image() + " (" + saved.imageDigest()
                            + "), is not there any more; fetch it with: fcvm pull " + saved.image());
        }
    }

    /** A directory that is gone is told before anything is made. */
    private static void checkMappings(
            CloneRequest request, MachineSpec saved, NetworkRequest network, Isolation isolation, Settings settings)
            throws FcvmException, InterruptedException {
        boolean rootless = isolation == Isolation.ROOTLESS;
        RunMappings.check(saved.wantedMappings(), network);
        MachineMappings.checkSaved(saved.wantedMappings(), rootless, settings);
        for (Mapping.HostDirectory more : request.mappings()) {
            LateMappings.check(more, rootless, settings);
        }
    }

    private static void refuseWithoutRoom(Snapshot snapshot, Settings settings) throws FcvmException {
        try {
            long needed =
                    DiskUse.allocated(snapshot.scratch()) + settings.diskFloor().bytes();
            for (String mapped : snapshot.mapped()) {
                needed += DiskUse.allocated(snapshot.directory().resolve(mapped));
            }
            if (DiskUse.free(settings.directories().machines()) < needed) {
                throw new FcvmException(
                        Kind.HOST,
                        "there is no room for the disk of a clone in "
                                + settings.directories().machines()
                                + "; make room, with fcvm snapshot prune or fcvm image prune");
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot look at the disk of the snapshot: " + IoReason.of(failure), failure);
        }
    }

    private static void copyDisks(Snapshot snapshot, MachineFiles files) throws FcvmException {
        try {
            SparseFiles.copy(snapshot.scratch(), files.scratch());
            for (String mapped : snapshot.mapped()) {
                MappedDisk.saved(snapshot.directory().resolve(mapped))
                        .into(files.directory().resolve(mapped));
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot copy the disks of the snapshot " + snapshot.name() + " to " + files.directory() + ": "
                            + IoReason.of(failure) + "; look at the disk space there",
                    failure);
        }
    }

    private Launch launch(Decided decided, Optional<RunNetwork> network) {
        MachineSpec saved = decided.saved();
        return new Launch(
                decided.settings(),
                decided.base(),
                decided.choice().vmm(),
                decided.isolation(),
                Resources.of(saved),
                decided.network(),
                network,
                Optional.empty(),
                true,
                Optional.of(decided.snapshot()),
                false,
                decided.request().mappings(),
                Optional.empty());
    }

    private MachineSpec spec(Decided decided, OwnedMachine machine) {
        return spec(decided.request(), decided.saved(), decided.isolation(), decided.network(), machine);
    }

    private MachineSpec spec(
            CloneRequest request,
            MachineSpec saved,
            Isolation isolation,
            NetworkRequest network,
            OwnedMachine machine) {
        return saved.cloned(
                machine.files().id().value(),
                machine.name().value(),
                world.clock().instant().toString(),
                isolation.name().toLowerCase(Locale.ROOT),
                request.hostname().orElse(machine.files().id().brief()),
                !request.remove(),
                NetworkRequestDocument.of(network),
                Stream.concat(saved.labels().stream(), request.labels().stream())
                        .toList(),
                request.suspendAfter().map(Duration::toSeconds).orElse(saved.suspendSeconds()));
    }
}
