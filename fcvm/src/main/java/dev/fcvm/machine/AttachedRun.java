package dev.fcvm.machine;

import dev.fcvm.command.Signals;
import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.Interruption;
import dev.fcvm.host.LinuxSignal;
import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.machine.disk.DiskWatch;
import dev.fcvm.machine.disk.ScratchDisk;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import dev.fcvm.plan.PlanJson;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.select.VmmChoice;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run whose caller stays: boots a machine, runs one container in it, and supervises both to their end. Whatever
 * happens, what was acquired on the way is given back in reverse order.
 */
public final class AttachedRun {

    private static final Duration WRITE_BACK = Duration.ofMinutes(1);

    private final Settings settings;
    private final VmmSource monitors;
    private final ResolvedImage.Source images;
    private final RunListener listener;
    private final Clock clock;

    /**
     * @param settings what the user has set
     * @param monitors chooses the monitor
     * @param images finds the image
     * @param listener hears of the progress
     * @param clock for the machine's records
     */
    public AttachedRun(
            Settings settings, VmmSource monitors, ResolvedImage.Source images, RunListener listener, Clock clock) {
        this.settings = settings;
        this.monitors = monitors;
        this.images = images;
        this.listener = listener;
        this.clock = clock;
    }

    /** Chooses a monitor. */
    @FunctionalInterface
    public interface VmmSource {
        /** Chooses by what the user wants and the host has. */
        VmmChoice choose() throws FcvmException, InterruptedException;
    }

    /**
     * What has been decided before anything is touched.
     *
     * @param image the image, where it had to be known first
     */
    private record Decided(
            RunRequest request,
            Base base,
            Vmm vmm,
            boolean kvm,
            Isolation isolation,
            Resources resources,
            RateLimits limits,
            DataSize diskSize,
            Optional<MachineName> name,
            Optional<ResolvedImage> image) {}

    /**
     * Does it.
     *
     * @param signals what the user sends while it runs
     * @return the container's exit code, or 128+N when signal N ended the run
     * @throws FcvmException when there is no exit code of the container's to tell
     */
    public int execute(RunRequest request, Stdio stdio, Signals signals) throws FcvmException {
        try (SignalRelay relay = SignalRelay.start(signals, listener)) {
            try {
                int code = run(decide(request), stdio, relay);
                listener.reached(Phase.EXIT);
                return code;
            } catch (InterruptedException interrupted) {
                Besides.of(interrupted).forEach(listener::warn);
                return relay.ending()
                        .map(signal -> 128 + signal.number())
                        .orElseThrow(() -> new FcvmException(
                                FcvmException.Kind.HOST, "the run was interrupted from within", interrupted));
            } catch (FcvmException | UncheckedIOException failure) {
                Optional<LinuxSignal> ending = relay.ending();
                if (ending.isPresent() && Interruption.isBehind(failure)) {
                    Besides.of(failure).forEach(listener::warn);
                    return 128 + ending.get().number();
                }
                throw failure;
            }
        }
    }

    private Decided decide(RunRequest request) throws FcvmException, InterruptedException {
        Optional<MachineName> name = request.name().isPresent()
                ? Optional.of(MachineName.parse(request.name().get()))
                : Optional.empty();
        if (request.hostname().isPresent()) {
            Hostname.check(request.hostname().get());
        }
        request.flags().check(request.hostname());
        Base base = Base.find(settings);
        RateLimits limits = request.rates().limits();
        Isolation isolation = Isolations.choose(settings.mode());
        LimitsCheck.check(isolation, settings, listener);
        RunNetwork.check(request.network(), isolation, settings);
        VmmChoice choice = monitors.choose();
        choice.vmm().check(isolation);
        if (choice.fellBack()) {
            listener.warn(choice.reason());
        } else {
            listener.note(choice.reason());
        }
        boolean kvm = Hardware.isUsedBy(choice.vmm());
        Resources resources = Resources.of(request.cpus(), request.memory(), HostCapacity.ask(kvm));
        DataSize diskSize = DiskPlan.choose(
                settings.diskSize(),
                settings.diskFloor(),
                settings.directories().machines());
        Optional<ResolvedImage> image = request.publishAll() ? Optional.of(resolveImage()) : Optional.empty();
        RunRequest whole = image.isEmpty()
                ? request
                : request.with(request.network()
                        .publishing(request.flags().exposing(image.get().exposedPorts())));
        return new Decided(whole, base, choice.vmm(), kvm, isolation, resources, limits, diskSize, name, image);
    }

    private ResolvedImage resolveImage() throws FcvmException, InterruptedException {
        ResolvedImage image = images.resolve();
        listener.reached(Phase.IMAGE);
        return image;
    }

    private int run(Decided decided, Stdio stdio, SignalRelay relay) throws FcvmException, InterruptedException {
        MachineStore store = MachineStore.open(settings.directories());
        for (Sweep.Leftover leftover : new Sweep(store, clock).run(this::cannotSweep)) {
            listener.warn("cleared away what a killed run had left of machine " + leftover.name());
        }
        try (OwnedMachine machine = store.create(decided.name());
                CidFile cidFile = CidFile.create(
                        decided.request().cidFile(), machine.files().id().value())) {
            var preparing = new MachineState.Preparing(clock.instant());
            machine.write(preparing);
            try (RunNetwork network = RunNetwork.prepare(
                    decided.request().network(),
                    decided.isolation(),
                    machine.files(),
                    List.of(machine.name().value(), hostname(decided, machine)),
                    settings,
                    listener)) {
                return prepare(decided, machine, cidFile, preparing, network, stdio, relay);
            }
        }
    }

    /** No reason not to run: it concerns another machine. */
    private void cannotSweep(FcvmException failure) {
        listener.warn(String.valueOf(failure.getMessage()));
        Besides.of(failure).forEach(listener::warn);
    }

    private int prepare(
            Decided decided,
            OwnedMachine machine,
            CidFile cidFile,
            MachineState.Preparing preparing,
            RunNetwork network,
            Stdio stdio,
            SignalRelay relay)
            throws FcvmException, InterruptedException {
        Plan plan;
        VmSpec spec;
        try (Preparation scratch = Preparation.start(() -> ScratchDisk.make(
                machine.files().scratch(), decided.diskSize(), machine.files().id()))) {
            ResolvedImage image = decided.image().isPresent() ? decided.image().get() : resolveImage();
            refuseNothingToRun(decided.request(), image);
            plan = plan(decided, machine, image, network);
            machine.write(machineSpec(decided, image, plan));
            spec = network.joined(vmSpec(decided, machine, image, json(plan)));
            scratch.await();
        }
        MachineState.Booting booting = preparing.booting(clock.instant());
        machine.write(booting);
        listener.reached(Phase.PREPARE);
        try (BootingMachine booted = BootingMachine.start(settings, decided.vmm(), spec, listener);
                // What it takes to join it passes while it boots.
                Preparation joining =
                        Preparation.start(() -> network.attach(booted.vm().pid(), listener));
                RunNetwork.Parting _ = network.parting()) {
            return supervise(decided, machine, cidFile, booting, plan, booted, joining, stdio, relay);
        }
    }

    private int supervise(
            Decided decided,
            OwnedMachine machine,
            CidFile cidFile,
            MachineState.Booting booting,
            Plan plan,
            BootingMachine booted,
            Preparation joining,
            Stdio stdio,
            SignalRelay relay)
            throws FcvmException, InterruptedException {
        RunningVm vm = booted.vm();
        try (Conversation conversation = booted.awaitReady(stdio)) {
            joining.await();
            MachineState.Running running = booting.running(clock.instant());
            machine.write(running);
            cidFile.keep();
            Conversation.End end;
            try (DiskWatch _ = DiskWatch.start(
                    machine.files().scratch(),
                    settings.diskFloor(),
                    vm,
                    new DiskPauses(machine, running, listener, clock))) {
                end = conversation.run(
                        vm.hasPlan() ? "" : json(plan), decided.request().environment(), relay);
                if (plan.keep() && !end.givenUp()) {
                    conversation.shutDown(true);
                    vm.awaitExit(WRITE_BACK);
                }
            }
            if (end.outOfMemory()) {
                listener.warn(decided.resources().outOfMemory());
            }
            if (plan.keep()) {
                machine.write(running.exited(end.code(), end.outOfMemory(), clock.instant()));
                machine.keep();
            }
            return end.code();
        }
    }

    /** Podman's own answer to an image that says as little of what is to run as the user does. */
    private static void refuseNothingToRun(RunRequest request, ResolvedImage image) throws FcvmException {
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

    private static Plan plan(Decided decided, OwnedMachine machine, ResolvedImage image, RunNetwork network)
            throws FcvmException {
        RunRequest request = decided.request();
        String hostname = hostname(decided, machine);
        List<String> options = Stream.concat(
                        PodmanOptions.of(request.flags(), decided.resources(), machine.name(), hostname).stream(),
                        network.podmanOptions().stream())
                .toList();
        return new Plan(
                Plan.VERSION,
                machine.files().id().value(),
                machine.name().value(),
                hostname,
                !request.remove(),
                new ContainerPlan(image.imageId(), options, request.command(), request.interactive()),
                network.plan());
    }

    private static String hostname(Decided decided, OwnedMachine machine) {
        return decided.request().hostname().orElse(machine.files().id().brief());
    }

    private static String json(Plan plan) throws FcvmException {
        try {
            return PlanJson.write(plan);
        } catch (PlanException tooLarge) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "the command line cannot be passed to the machine: " + tooLarge.getMessage(),
                    tooLarge);
        }
    }

    private MachineSpec machineSpec(Decided decided, ResolvedImage image, Plan plan) {
        return new MachineSpec(
                MachineSpec.VERSION,
                plan.machine(),
                plan.name(),
                clock.instant().toString(),
                decided.request().image(),
                image.digest(),
                image.storeDisk().toString(),
                decided.vmm().name(),
                decided.kvm(),
                decided.isolation().name().toLowerCase(Locale.ROOT),
                decided.resources().vcpus(),
                decided.resources().memoryMib(),
                plan.hostname(),
                plan.keep(),
                decided.request().flags().labels(),
                plan.container().options(),
                plan.container().command());
    }

    private VmSpec vmSpec(Decided decided, OwnedMachine machine, ResolvedImage image, String plan) {
        return BootingMachine.spec(
                        settings,
                        decided.base(),
                        machine.files(),
                        decided.resources(),
                        List.of(new VmSpec.Drive(image.storeDisk(), true)),
                        plan,
                        decided.isolation())
                .limited(decided.limits());
    }
}
