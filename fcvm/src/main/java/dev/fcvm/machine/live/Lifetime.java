package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Pending;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.Conversation;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunEvent;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.Exchange;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.StartSettings;
import dev.fcvm.machine.store.Suspension;
import dev.fcvm.machine.warm.WarmSlots;
import dev.fcvm.machine.warm.WarmStartFailed;
import dev.fcvm.plan.Plan;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.volume.Mapping;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a machine goes through from its start, or from when it is taken over, to its container's end. For one thread; what
 * others want of it comes as an event. Whatever happens, what was acquired on the way is given back in reverse order.
 */
final class Lifetime {

    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Standing standing;
    private final MachineSpec spec;
    private final OwnedMachine owned;
    private final Audience audience;
    private final Warmth warmth;
    private final RunLog logs;
    private final Supervision supervision;
    private final Inbox events = new Inbox();

    /**
     * @param audience who watches the container
     */
    Lifetime(Standing standing, Audience audience) {
        this.standing = standing;
        this.spec = standing.spec();
        this.owned = standing.owned();
        this.audience = audience;
        this.warmth = new Warmth(standing, audience);
        this.logs = new RunLog(standing);
        this.supervision = new Supervision(standing, audience, logs);
    }

    /** Tells it what somebody wants of it. */
    void tell(RunEvent event) {
        events.tell(event);
    }

    /** Returns what can be asked of it while its container may run. */
    Supervision supervision() {
        return supervision;
    }

    /** Boots it, and has its container run to its end. */
    RunEnd start(Launch launch) throws FcvmException, InterruptedException {
        MachineState.Preparing preparing;
        HandedSecrets handed;
        try (Pending unused = new Pending(launch::giveUp)) {
            preparing = standing.prepare();
            if (!launch.resumes()) {
                new Suspension(owned.files()).forget();
            }
            StartSettings.write(owned.files(), launch.settings());
            handed = HandedSecrets.read(launch, spec, standing.world().clock());
            // Those of a machine that rests are gone.
            PrivateDirectories.require(owned.files().sockets());
            PrivateDirectories.require(owned.files().monitor());
            unused.handOver();
        }
        Launch next = launch;
        Optional<Launch> warm = launch.warmly();
        if (warm.isPresent()) {
            try {
                return start(warm.get(), preparing, handed);
            } catch (WarmStartFailed failed) {
                warmth.giveUp(launch, failed);
                events.beginAnew();
                next = launch.coldly();
            }
        }
        try {
            return start(next, preparing, handed);
        } catch (WarmStartFailed never) {
            throw new IllegalStateException("a machine that boots has no warm base", never);
        }
    }

    private RunEnd start(Launch launch, MachineState.Preparing preparing, HandedSecrets handed)
            throws FcvmException, InterruptedException, WarmStartFailed {
        try (Pending restored = new Pending(launch::endRestored);
                RunNetwork network = RunNetwork.of(launch, owned, spec.hostname(), audience);
                RunMappings mappings = RunMappings.prepare(standing, launch, audience)) {
            if (launch.hasSpare() && WarmSlots.places(mappings.all().disks()).isEmpty()) {
                throw WarmStartFailed.tooManyDisks();
            }
            Plan plan = Specs.plan(spec, network, mappings.all(), launch.hasSpare());
            MachineState.Booting booting = standing.boot(preparing);
            audience.reached(Phase.PREPARE);
            try (BootingMachine booted = begun(launch, network, mappings, plan);
                    // What it takes to join it passes while it boots.
                    Preparation joining = Preparation.start(joining(launch, network, booted));
                    RunNetwork.Parting _ = network.parting()) {
                restored.handOver();
                owned.write(booted.vm().handle());
                RunEnd end;
                if (launch.snapshot().isPresent()) {
                    // Nothing in it runs before its network is there.
                    joining.await();
                    supervision.networked(network);
                    supervision.mapped(mappings);
                    end = goOn(launch, booting, plan, mappings, booted);
                    return mappings.parted(parted(end, booted, network));
                }
                try (Conversation talk = launch.isWarm()
                        ? warmth.wake(plan, booted, events.queue())
                        : booted.awaitReady(spec.id(), events.queue(), audience)) {
                    joining.await();
                    supervision.networked(network);
                    mappings.connect(talk.agent(), booted.vm());
                    supervision.mapped(mappings);
                    end = converse(
                            launch,
                            booting,
                            plan,
                            handed,
                            mappings.growing(owned.files().scratch()),
                            booted.vm(),
                            talk);
                }
                return mappings.parted(parted(end, booted, network));
            }
        }
    }

    private Preparation.Step joining(Launch launch, RunNetwork network, BootingMachine booted) {
        return launch.restored().isPresent()
                ? () -> {}
                : () -> network.attach(booted.vm().pid(), audience);
    }

    private BootingMachine begun(Launch launch, RunNetwork network, RunMappings mappings, Plan plan)
            throws FcvmException, InterruptedException, WarmStartFailed {
        if (launch.restored().isPresent()) {
            if (launch.isWarm()) {
                warmth.giveImage(launch.restored().get());
            }
            return BootingMachine.adopt(
                    launch.settings(), launch.vmm(), launch.restored().get(), audience);
        }
        VmSpec vm = network.joined(
                Specs.vm(spec, launch, owned.files(), mappings.all().disks(), Specs.json(plan)));
        if (launch.isWarm()) {
            return warmth.restore(launch, vm);
        }
        return launch.snapshot().isPresent()
                ? BootingMachine.restore(
                        launch.settings(),
                        launch.vmm(),
                        vm,
                        launch.snapshot().get().vm(),
                        owned.journal(),
                        audience)
                : BootingMachine.start(launch.settings(), launch.vmm(), vm, owned.journal(), audience);
    }

    /** Has a machine go on from what was saved, as one of its own. */
    private RunEnd goOn(
            Launch launch, MachineState.Booting booting, Plan plan, RunMappings mappings, BootingMachine restored)
            throws FcvmException, InterruptedException {
        boolean itself = launch.resumes();
        if (itself) {
            // From here on its disk changes. Its monitor has the memory open.
            new Suspension(owned.files()).forget();
        }
        restored.vm().resume();
        try (Conversation talk = restored.awaitReady(spec.id(), events.queue(), audience);
                OutputLog log = logs.open()) {
            if (!itself) {
                logs.begin(log);
                // What was written before is in the log of the machine that was saved.
                log.skipTo(log.run().plus(talk.savedOutput()));
                supervision.beginHealth();
            }
            standing.run(booting);
            talk.renew(Specs.json(plan), standing.world().clock().instant(), restored.patience());
            audience.reached(Phase.RENEWED);
            mappings.connect(talk.agent(), restored.vm());
            for (Mapping.HostDirectory more : launch.added()) {
                mappings.add(more);
            }
            standing.happened(Action.RESTORE, Map.of());
            if (itself) {
                supervision.runsAlready();
            } else {
                supervision.hasStarted();
            }
            return supervision.supervise(
                    launch.settings(),
                    launch.resources(),
                    mappings.growing(owned.files().scratch()),
                    log,
                    restored.vm(),
                    talk,
                    Optional.empty());
        } catch (IOException unclosed) {
            throw logs.failure(unclosed);
        }
    }

    /** Takes it over as it runs, and supervises it to its end. */
    RunEnd takeOver(Adoption adoption) throws FcvmException, InterruptedException {
        var takeover = new Takeover(standing, audience);
        RunningVm vm = takeover.attach(adoption);
        try (RunNetwork network = takeover.network(adoption, vm);
                RunMappings mappings =
                        RunMappings.adopt(standing, adoption.isolation(), adoption.settings(), audience);
                BootingMachine booted = BootingMachine.adopt(adoption.settings(), adoption.vmm(), vm, audience);
                RunNetwork.Parting _ = network.parting()) {
            RunEnd end;
            try (Conversation talk = booted.talk(spec.id(), events.queue(), audience);
                    OutputLog log = logs.open()) {
                supervision.monitored(vm);
                supervision.networked(network);
                Optional<MachineState.Paused> saving = takeover.beingSaved();
                if (saving.isPresent()) {
                    new Suspension(owned.files()).forget();
                    vm.resume();
                    // A monitor obeys when it has written all that its former supervisor asked for.
                    Exchange.empty(owned.files());
                }
                // A machine that is paused answers when its user lets it go on.
                boolean waits = standing.state() instanceof MachineState.Paused && saving.isEmpty();
                end = switch (talk.awaitAnswer(waits ? FOREVER : booted.patience())) {
                    case Conversation.Answer.LetGo letGo -> new RunEnd.LetGo();
                    case Conversation.Answer.Ready(Optional<ContainerStatus> container) -> {
                        if (!(standing.state() instanceof MachineState.Paused) || saving.isPresent()) {
                            // Also one that was just let go on: whoever did may have been killed before its agent was
                            // told.
                            talk.agent().release(spec.id());
                        }
                        if (saving.isPresent()) {
                            standing.goOn(saving.get());
                        }
                        yield goOn(adoption, log, vm, talk, mappings, container);
                    }
                };
            } catch (IOException unclosed) {
                throw logs.failure(unclosed);
            }
            return mappings.parted(parted(end, booted, network));
        }
    }

    private RunEnd goOn(
            Adoption adoption,
            OutputLog log,
            RunningVm vm,
            Conversation talk,
            RunMappings mappings,
            Optional<ContainerStatus> found)
            throws FcvmException, InterruptedException {
        ContainerStatus container = found.orElseThrow(
                () -> new FcvmException(Kind.GUEST, "its supervisor was killed before the container was started"));
        mappings.connect(talk.agent(), vm);
        supervision.mapped(mappings);
        supervision.forgetEnvironment();
        if (standing.state() instanceof MachineState.Stopping) {
            // That is written down before it is said: the supervisor may have been killed between the two.
            events.tell(new RunEvent.Stop(spec.stopSignal(), Duration.ofSeconds(spec.stopSeconds())));
        }
        return supervision.supervise(
                adoption.settings(),
                adoption.resources(),
                mappings.growing(owned.files().scratch()),
                log,
                vm,
                talk,
                container.exit());
    }

    /** The machine goes on, or it ends now: what it has on the host stays with it. */
    private static RunEnd parted(RunEnd end, BootingMachine booted, RunNetwork network) {
        if (end instanceof RunEnd.LetGo) {
            booted.letGo();
            network.letGo();
        }
        return end;
    }

    private RunEnd converse(
            Launch launch,
            MachineState.Booting booting,
            Plan plan,
            HandedSecrets handed,
            Supplier<List<Path>> disks,
            RunningVm vm,
            Conversation talk)
            throws FcvmException, InterruptedException {
        try (OutputLog log = logs.open()) {
            logs.begin(log);
            supervision.beginHealth();
            standing.run(booting);
            talk.start(handed.order(launch, vm.hasPlan() ? "" : Specs.json(plan), audience));
            return supervision.supervise(launch.settings(), launch.resources(), disks, log, vm, talk, Optional.empty());
        } catch (IOException unclosed) {
            throw logs.failure(unclosed);
        }
    }
}
