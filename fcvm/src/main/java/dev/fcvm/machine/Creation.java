package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.host.file.SparseFiles;
import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.machine.disk.ScratchDisk;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.live.Base;
import dev.fcvm.machine.live.HostCapacity;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.Preparation;
import dev.fcvm.machine.live.RunMappings;
import dev.fcvm.machine.live.RunNetwork;
import dev.fcvm.machine.live.WarmMaker;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.spec.CidFile;
import dev.fcvm.machine.spec.Hostname;
import dev.fcvm.machine.spec.LimitsCheck;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.PodmanOptions;
import dev.fcvm.machine.spec.Readiness;
import dev.fcvm.machine.spec.ResolvedImage;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.spec.RunRequest;
import dev.fcvm.machine.spec.Stopping;
import dev.fcvm.machine.spec.SuspendAfter;
import dev.fcvm.machine.store.Environments;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.warm.WarmBases;
import dev.fcvm.machine.warm.WarmKey;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.select.VmmChoice;
import dev.fcvm.volume.MappingDocument;
import dev.fcvm.volume.secret.MachineSecrets;
import dev.fcvm.volume.secret.SecretStore;
import dev.fcvm.volume.set.MachineMappings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes machines: everything of one but its monitor. What can be refused is refused before anything is touched. */
final class Creation {

    private final World world;
    private final MachineSource source;

    Creation(World world, MachineSource source) {
        this.world = world;
        this.source = source;
    }

    /**
     * What has been decided before anything is touched.
     *
     * @param image the image, where it had to be known first
     */
    record Decided(
            RunRequest request,
            Base base,
            VmmChoice choice,
            boolean kvm,
            Isolation isolation,
            Resources resources,
            RateLimits limits,
            DataSize diskSize,
            Optional<MachineName> name,
            Optional<ResolvedImage> image) {

        /** Returns the same, with the image known. */
        Decided of(ResolvedImage resolved) {
            return new Decided(
                    request, base, choice, kvm, isolation, resources, limits, diskSize, name, Optional.of(resolved));
        }
    }

    /**
     * A machine that has been made.
     *
     * @param files with its lock held
     * @param launch with what it can be started at once
     */
    record Made(OwnedMachine files, MachineSpec spec, MachineState.Created state, Launch launch) {}

    /**
     * Makes one.
     *
     * @param starts whether it is started at once, so that its ports are held from now on
     */
    Made make(RunRequest request, boolean starts) throws FcvmException, InterruptedException {
        Decided decided = decide(request);
        OwnedMachine machine = world.store().create(decided.name());
        try (Pending unmade = new Pending(machine::close);
                CidFile cidFile =
                        CidFile.create(request.cidFile(), machine.files().id().value())) {
            var preparing = new MachineState.Preparing(world.clock().instant());
            machine.write(preparing);
            Optional<RunNetwork> network = starts ? Optional.of(network(decided, machine)) : Optional.empty();
            try (Pending held = new Pending(() -> close(network))) {
                Optional<WarmStart> warm = starts ? warm(decided) : Optional.empty();
                Furnished furnished = furnish(decided, machine, warm);
                MachineSpec spec = furnished.spec();
                if (spec.keep() || !starts) {
                    // Whoever starts it for the first time needs it, whatever becomes of this process.
                    Environments.write(machine.files(), decided.request().environment());
                }
                MachineState.Created created = preparing.created(world.clock().instant());
                machine.write(created);
                world.happened(Action.CREATE, machine, spec);
                cidFile.keep();
                held.handOver();
                unmade.handOver();
                return new Made(machine, spec, created, launch(decided, network, furnished.warm()));
            }
        }
    }

    private static void close(Optional<RunNetwork> network) throws FcvmException {
        if (network.isPresent()) {
            network.get().close();
        }
    }

    /** Looks whether it could start without booting. */
    private Optional<WarmStart> warm(Decided decided) throws FcvmException, InterruptedException {
        if (!source.settings().warmBase()
                || !decided.choice().vmm().capabilities().otherDisks()) {
            return Optional.empty();
        }
        WarmKey key = WarmMaker.key(
                source.settings(), decided.base(), decided.choice().vmm(), decided.resources(), decided.diskSize());
        return Optional.of(new WarmStart(
                key, new WarmBases(source.settings(), world.clock()).find(key, source.listener()), decided.diskSize()));
    }

    Launch launch(Decided decided, Optional<RunNetwork> network, Optional<WarmStart> warm) {
        return new Launch(
                source.settings(),
                decided.base(),
                decided.choice().vmm(),
                decided.isolation(),
                decided.resources(),
                decided.request().network(),
                network,
                Optional.of(decided.request().environment()),
                true,
                Optional.empty(),
                false,
                List.of(),
                warm);
    }

    Decided decide(RunRequest request) throws FcvmException, InterruptedException {
        Settings settings = source.settings();
        Optional<MachineName> name = request.name().isPresent()
                ? Optional.of(MachineName.parse(request.name().get()))
                : Optional.empty();
        if (request.hostname().isPresent()) {
            Hostname.check(request.hostname().get());
        }
        request.flags().check(request.hostname());
        Readiness.check(request);
        SuspendAfter.check(request);
        Base base = Base.find(settings);
        RateLimits limits = request.rates().limits();
        Isolation isolation = Isolations.choose(settings.mode());
        LimitsCheck.check(isolation, settings, source.listener());
        RunNetwork.check(request.network(), isolation, settings);
        RunMappings.check(request.mappings(), request.network());
        MachineMappings.check(request.mappings(), isolation == Isolation.ROOTLESS, settings);
        MachineSecrets.read(request.secrets(), SecretStore.of(settings, world.clock()));
        VmmChoice choice = source.monitor(settings, isolation);
        SuspendAfter.check(
                request, choice.vmm().capabilities().snapshots(), choice.vmm().name());
        boolean kvm = choice.vmm().capabilities().hardware();
        Resources resources = Resources.of(request.cpus(), request.memory(), HostCapacity.ask(kvm));
        DataSize diskSize = DiskPlan.choose(
                settings.diskSize(),
                settings.diskFloor(),
                settings.directories().machines());
        Optional<ResolvedImage> image = request.publishAll() ? Optional.of(resolve()) : Optional.empty();
        RunRequest whole = image.isEmpty()
                ? request
                : request.with(request.network()
                        .publishing(request.flags().exposing(image.get().exposedPorts())));
        return new Decided(whole, base, choice, kvm, isolation, resources, limits, diskSize, name, image);
    }

    ResolvedImage resolve() throws FcvmException, InterruptedException {
        ResolvedImage image = source.image().resolve();
        source.listener().reached(Phase.IMAGE);
        return image;
    }

    private RunNetwork network(Decided decided, OwnedMachine machine) throws FcvmException, InterruptedException {
        return RunNetwork.prepare(
                decided.request().network(),
                decided.isolation(),
                machine.files(),
                machine.journal(),
                List.of(machine.name().value(), hostname(decided.request(), machine)),
                Optional.empty(),
                source.settings(),
                source.listener());
    }

    /**
     * What was made for a machine.
     *
     * @param warm how it can start without booting, for which its disk is made then
     */
    private record Furnished(MachineSpec spec, Optional<WarmStart> warm) {}

    /** Makes its disk while its image is fetched, and writes down what it is. */
    private Furnished furnish(Decided decided, OwnedMachine machine, Optional<WarmStart> warm)
            throws FcvmException, InterruptedException {
        Optional<WarmStart> usable = warm.map(start -> copied(start, machine.files()));
        Preparation.Step disk = usable.flatMap(WarmStart::base).isPresent()
                ? () -> {}
                : () -> ScratchDisk.make(
                        machine.files().scratch(),
                        decided.diskSize(),
                        machine.files().id(),
                        !decided.request().remove());
        try (Preparation scratch = Preparation.start(disk)) {
            ResolvedImage image = decided.image().isPresent() ? decided.image().get() : resolve();
            refuseNothingToRun(decided.request(), image);
            MachineSpec spec = spec(decided, image, machine, machine.name());
            machine.write(spec);
            scratch.await();
            return new Furnished(spec, usable);
        }
    }

    /** Gives the machine the disk of its warm base; one whose disk cannot be copied, as it is gone by now, is not used. */
    private WarmStart copied(WarmStart warm, MachineFiles files) {
        if (warm.base().isEmpty()) {
            return warm;
        }
        try {
            SparseFiles.copy(warm.base().get().scratch(), files.scratch());
            return warm;
        } catch (IOException gone) {
            source.listener().note("the warm base cannot be used, and the machine boots: " + IoReason.of(gone));
            return warm.without();
        }
    }

    /** Podman's own answer to an image that says as little of what is to run as the user does. */
    static void refuseNothingToRun(RunRequest request, ResolvedImage image) throws FcvmException {
        Optional<String> entrypoint = request.flags().entrypoint();
        boolean something = !request.command().isEmpty()
                || entrypoint.map(given -> !given.isEmpty()).orElse(image.entrypoint())
                || (entrypoint.isEmpty() && image.command());
        if (!something) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "nothing to run: " + request.image()
                            + " has no command or entrypoint of its own; name a command behind the image");
        }
    }

    private static String hostname(RunRequest request, OwnedMachine machine) {
        return request.hostname().orElse(machine.files().id().brief());
    }

    private static List<String> podmanOptions(
            Decided decided, ResolvedImage image, OwnedMachine machine, MachineName name) throws FcvmException {
        RunRequest request = decided.request();
        List<String> options = new ArrayList<>(PodmanOptions.of(
                request.flags(), decided.resources(), name, hostname(request, machine), image.health()));
        options.addAll(MachineSecrets.options(request.secrets()));
        return options;
    }

    MachineSpec spec(Decided decided, ResolvedImage image, OwnedMachine machine, MachineName name)
            throws FcvmException {
        RunRequest request = decided.request();
        Settings settings = source.settings();
        String hostname = hostname(request, machine);
        return new MachineSpec(
                MachineSpec.VERSION,
                machine.files().id().value(),
                name.value(),
                world.clock().instant().toString(),
                request.image(),
                image.digest(),
                image.imageId(),
                image.storeDisk().toString(),
                decided.choice().vmm().name(),
                decided.kvm(),
                decided.isolation().name().toLowerCase(Locale.ROOT),
                decided.resources().vcpus(),
                decided.resources().memoryMib(),
                decided.resources().containerMemory().orElse(0),
                hostname,
                !request.remove(),
                request.interactive(),
                request.tty(),
                Stopping.signal(request.flags(), image),
                Stopping.seconds(request.flags()),
                request.logLimit(),
                settings.kernel().map(Object::toString).orElse(""),
                settings.kernelArguments(),
                settings.init().word(),
                NetworkRequestDocument.of(request.network()),
                MachineSpec.Rates.of(decided.limits()),
                request.flags().labels(),
                podmanOptions(decided, image, machine, name),
                request.command(),
                request.mappings().stream().map(MappingDocument::of).toList(),
                request.secrets(),
                Readiness.of(request, image),
                request.suspendAfter().map(Duration::toSeconds).orElse(0L));
    }
}
