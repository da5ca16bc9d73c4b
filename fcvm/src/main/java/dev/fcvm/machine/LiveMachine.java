package dev.fcvm.machine;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ContainerStart;
import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.LinuxSignal;
import dev.fcvm.host.Pending;
import dev.fcvm.link.ContainerStatus;
import dev.fcvm.link.ExitRecord;
import dev.fcvm.machine.disk.DiskWatch;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.MachineEvent;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.ready.Signs;
import dev.fcvm.plan.Plan;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A machine in the hands of this process, which holds its lock: boots it, runs its container, and supervises both to their
 * end, on a thread of its own. Whatever happens, what was acquired on the way is given back in reverse order. Others ask
 * it for things; it alone decides where the machine stands.
 */
final class LiveMachine {

    private static final Duration WRITE_BACK = Duration.ofMinutes(1);
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final World world;
    private final OwnedMachine owned;
    private final MachineSpec spec;
    private final Audience audience;
    private final Runnable forget;
    private final HealthKeeper health;
    private final LinkedBlockingQueue<RunEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final CompletableFuture<Boolean> started = new CompletableFuture<>();
    private final CompletableFuture<RunEnd> ended = new CompletableFuture<>();
    private MachineState state;
    private Optional<Thread> keeper = Optional.empty();
    private volatile Optional<Conversation> conversation = Optional.empty();
    private volatile boolean discarded;
    private volatile Optional<RunningVm> monitor = Optional.empty();

    /**
     * @param forget called when it is in the hands of this process no more
     */
    LiveMachine(World world, OwnedMachine owned, MachineSpec spec, MachineState state, Runnable forget) {
        this.world = world;
        this.owned = owned;
        this.spec = spec;
        this.state = state;
        this.forget = forget;
        this.health = new HealthKeeper(world, owned, spec);
        this.audience = new Audience(new Fallback(line -> world.log().accept(owned.name() + ": " + line)));
    }

    /** Returns what it is. */
    MachineSpec spec() {
        return spec;
    }

    /** Returns who watches it. */
    Audience audience() {
        return audience;
    }

    /** Returns where its files lie. */
    MachineFiles files() {
        return owned.files();
    }

    /** Returns where it stands. */
    synchronized MachineState state() {
        return state;
    }

    /** Completes when its container can be asked for things: true; or when it never will: false. */
    CompletableFuture<Boolean> ready() {
        return ready;
    }

    /** Completes when its container runs, or when it never will. */
    CompletableFuture<Boolean> started() {
        return started;
    }

    /** Completes when it is in the hands of this process no more, and what it had on the host is given back. */
    CompletableFuture<RunEnd> ended() {
        return ended;
    }

    /** Returns the session with its agent, when its container may run. */
    Optional<AgentSession> agent() {
        return conversation.map(Conversation::agent);
    }

    /** Returns what it shows of itself by which it can be told whether it is ready. */
    Signs signs() {
        return health.signs();
    }

    /** Boots it, and has its container run; returns at once. To be called once. */
    void start(Launch launch) {
        begin(() -> keep(() -> prepare(launch), launch.transientRun()));
    }

    /** Takes it over as it runs, and supervises it to its end; returns at once. To be called once. */
    void adopt(Adoption adoption) {
        started.complete(true);
        health.goOn();
        begin(() -> keep(() -> takeOver(adoption), false));
    }

    private void begin(Runnable work) {
        Thread thread;
        synchronized (this) {
            if (keeper.isPresent()) {
                throw new IllegalStateException("machine " + owned.name() + " has been started already");
            }
            thread = Thread.ofVirtual()
                    .name("machine-" + owned.files().id().brief())
                    .unstarted(work);
            keeper = Optional.of(thread);
        }
        thread.start();
    }

    /** Calls the start off, as long as there is no container; ends a machine that is never started. */
    void callOff() {
        Optional<Thread> running;
        synchronized (this) {
            running = keeper;
        }
        running.ifPresent(Thread::interrupt);
    }

    /**
     * Passes a signal on to the container.
     *
     * @return false when there is no container yet
     */
    boolean signal(LinuxSignal signal) {
        if (conversation.isEmpty()) {
            return false;
        }
        events.add(new RunEvent.Signalled(signal));
        return true;
    }

    /**
     * Has the container end, and the machine with it.
     *
     * @param grace how long it may take before it is killed
     */
    void stop(Optional<Duration> grace) throws FcvmException {
        synchronized (this) {
            if (state instanceof MachineState.Running running) {
                to(running.stopping(world.clock().instant()));
            }
        }
        world.happened(Action.STOP, owned, spec);
        events.add(new RunEvent.Stop(spec.stopSignal(), grace.orElse(Duration.ofSeconds(spec.stopSeconds()))));
    }

    /** Ends it as it is, and has nothing of it stay. */
    void discard() {
        discarded = true;
        events.add(new RunEvent.Kill());
        if (conversation.isEmpty()) {
            callOff();
        }
    }

    /** Ends it as it is. */
    void kill() {
        events.add(new RunEvent.Kill());
    }

    /** Leaves it, as it runs, to another process. One that does not run yet is called off. */
    void letGo() {
        if (conversation.isPresent()) {
            events.add(new RunEvent.LetGo());
        } else {
            callOff();
        }
    }

    /** Writes down that something happened to it. */
    void happened(Action action, Map<String, String> details) {
        world.happened(action, owned, spec, details);
    }

    /** Stops its processors. */
    void pause() throws FcvmException, InterruptedException {
        if (!(state() instanceof MachineState.Running running)) {
            throw notRunning("paused");
        }
        RunningVm vm = monitor.orElseThrow(() -> notRunning("paused"));
        to(running.paused("", world.clock().instant()));
        vm.pause();
        world.happened(Action.PAUSE, owned, spec);
    }

    /** Lets its processors go on. */
    void resume() throws FcvmException, InterruptedException {
        if (!(state() instanceof MachineState.Paused paused) || !paused.reason().isEmpty()) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "machine " + owned.name() + " cannot be resumed: it has not been paused by fcvm pause");
        }
        RunningVm vm = monitor.orElseThrow(() -> notRunning("resumed"));
        vm.resume();
        to(paused.running(world.clock().instant()));
        world.happened(Action.UNPAUSE, owned, spec);
    }

    /** Writes down that its processors stand still for a reason of the host's, or go on. */
    synchronized void standsStill(boolean still, String reason) throws FcvmException {
        Instant now = world.clock().instant();
        if (still && state instanceof MachineState.Running running) {
            to(running.paused(reason, now));
            world.happened(Action.PAUSE, owned, spec, Map.of(MachineEvent.REASON, reason));
        } else if (!still && state instanceof MachineState.Paused paused) {
            to(paused.running(now));
            world.happened(Action.UNPAUSE, owned, spec);
        }
    }

    private FcvmException notRunning(String what) {
        return new FcvmException(
                Kind.IN_USE, "machine " + owned.name() + " cannot be " + what + ": it does not run; see fcvm ps -a");
    }

    /** Gives it up before it was ever started: it stays as it is, or goes. */
    void release(boolean keep) throws FcvmException {
        if (keep) {
            owned.keep();
        }
        forget.run();
        owned.close();
    }

    /** What the machine goes through. */
    private interface Life {
        RunEnd live() throws FcvmException, InterruptedException;
    }

    private void keep(Life life, boolean fleeting) {
        RunEnd end;
        try (OwnedMachine _ = owned) {
            end = attempt(life);
            conclude(end, fleeting && !started.isDone());
        } catch (FcvmException | RuntimeException stays) {
            end = new RunEnd.Failed(stays);
        }
        forget.run();
        ready.complete(false);
        started.complete(false);
        ended.complete(end);
    }

    private RunEnd attempt(Life life) {
        try {
            RunEnd end = life.live();
            if (!(end instanceof RunEnd.LetGo)) {
                owned.forgetHandle();
            }
            return end;
        } catch (InterruptedException calledOff) {
            Besides.of(calledOff).forEach(audience::warn);
            return new RunEnd.CalledOff();
        } catch (FcvmException | RuntimeException | Error failure) {
            return new RunEnd.Failed(failure);
        }
    }

    /** Decides what stays of it. */
    private void conclude(RunEnd end, boolean vanishes) throws FcvmException {
        Instant now = world.clock().instant();
        boolean stays = spec.keep() && !discarded;
        switch (end) {
            case RunEnd.LetGo letGo -> owned.letGo();
            case RunEnd.Exited exited when stays -> owned.keep();
            case RunEnd.Exited(int code, boolean _) -> remove(code, now);
            case RunEnd.CalledOff calledOff when vanishes || !stays -> remove(137, now);
            case RunEnd.Failed failed when vanishes || !stays -> remove(125, now);
            case RunEnd.CalledOff calledOff -> rest("called off before its container ran", now);
            case RunEnd.Failed(Throwable why) ->
                rest(String.valueOf(why.getMessage()).lines().findFirst().orElse(""), now);
        }
    }

    private void rest(String reason, Instant now) throws FcvmException {
        if (state() instanceof MachineState.Live live) {
            to(live.failed(reason, now));
            world.happened(Action.FAILED, owned, spec, Map.of(MachineEvent.REASON, reason));
        }
        owned.keep();
    }

    private void remove(int code, Instant now) throws FcvmException {
        if (state() instanceof MachineState.Live live) {
            to(live.removing(now));
        } else if (state() instanceof MachineState.Resting resting) {
            to(resting.removing(now));
        }
        world.remember(owned, code);
        world.happened(Action.REMOVE, owned, spec);
    }

    private RunEnd prepare(Launch launch) throws FcvmException, InterruptedException {
        MachineState.Preparing preparing;
        if (state() instanceof MachineState.Resting resting) {
            preparing = resting.preparing(world.clock().instant());
        } else {
            throw new IllegalStateException("a machine is started that is " + state());
        }
        to(preparing);
        try (RunNetwork network = launch.held().isPresent() ? launch.held().get() : network(launch)) {
            Plan plan = Specs.plan(spec, network);
            VmSpec vm = network.joined(Specs.vm(spec, launch, owned.files(), Specs.json(plan)));
            MachineState.Booting booting = preparing.booting(world.clock().instant());
            to(booting);
            audience.reached(Phase.PREPARE);
            try (BootingMachine booted =
                            BootingMachine.start(launch.settings(), launch.vmm(), vm, owned.journal(), audience);
                    // What it takes to join it passes while it boots.
                    Preparation joining =
                            Preparation.start(() -> network.attach(booted.vm().pid(), audience));
                    RunNetwork.Parting _ = network.parting()) {
                owned.write(booted.vm().handle());
                RunEnd end;
                try (Conversation talk = booted.awaitReady(spec.id(), events, audience)) {
                    joining.await();
                    end = converse(launch, booting, plan, booted.vm(), talk);
                }
                return parted(end, booted, network);
            }
        }
    }

    /** The machine goes on, or it ends now: what it has on the host stays with it. */
    private static RunEnd parted(RunEnd end, BootingMachine booted, RunNetwork network) {
        if (end instanceof RunEnd.LetGo) {
            booted.letGo();
            network.letGo();
        }
        return end;
    }

    private RunEnd takeOver(Adoption adoption) throws FcvmException, InterruptedException {
        RunningVm vm = adoption.vmm().attach(adoption.handle(), owned.journal());
        try (RunNetwork network = network(adoption, vm);
                BootingMachine booted = BootingMachine.adopt(adoption.settings(), adoption.vmm(), vm, audience);
                RunNetwork.Parting _ = network.parting()) {
            RunEnd end;
            try (Conversation talk = booted.talk(spec.id(), events, audience);
                    OutputLog log = openLog()) {
                monitor = Optional.of(vm);
                // A machine that is paused answers when its user lets it go on.
                ContainerStatus container = talk.awaitReady(
                                state() instanceof MachineState.Paused ? FOREVER : booted.patience())
                        .orElseThrow(() -> new FcvmException(
                                Kind.GUEST, "its supervisor was killed before the container was started"));
                end = supervise(adoption.settings(), adoption.resources(), log, vm, talk, container.exit());
            } catch (IOException unclosed) {
                throw unlogged(unclosed);
            }
            return parted(end, booted, network);
        }
    }

    /** With what its monitor has on the host undone when there is no network to go on with. */
    private RunNetwork network(Adoption adoption, RunningVm vm) throws FcvmException, InterruptedException {
        try (Pending attached = new Pending(vm::close)) {
            RunNetwork network = RunNetwork.adopt(
                    adoption.network(),
                    adoption.isolation(),
                    owned.files(),
                    owned.journal(),
                    vm.pid(),
                    adoption.settings(),
                    audience);
            attached.handOver();
            return network;
        }
    }

    private RunNetwork network(Launch launch) throws FcvmException, InterruptedException {
        return RunNetwork.prepare(
                launch.network(),
                launch.isolation(),
                owned.files(),
                owned.journal(),
                List.of(owned.name().value(), spec.hostname()),
                launch.settings(),
                audience);
    }

    private RunEnd converse(Launch launch, MachineState.Booting booting, Plan plan, RunningVm vm, Conversation talk)
            throws FcvmException, InterruptedException {
        try (OutputLog log = openLog()) {
            begin(log);
            health.begin();
            to(booting.running(world.clock().instant()));
            talk.start(new ContainerStart(
                    spec.id(),
                    vm.hasPlan() ? "" : Specs.json(plan),
                    launch.environment().orElse(List.of()),
                    launch.environment().isEmpty(),
                    spec.tty() ? Optional.of(audience.size()) : Optional.empty(),
                    spec.logLimit()));
            return supervise(launch.settings(), launch.resources(), log, vm, talk, Optional.empty());
        } catch (IOException unclosed) {
            throw unlogged(unclosed);
        }
    }

    private RunEnd supervise(
            Settings settings,
            Resources resources,
            OutputLog log,
            RunningVm vm,
            Conversation talk,
            Optional<ExitRecord> over)
            throws FcvmException, InterruptedException {
        show(log);
        talk.join(log, spec.interactive(), spec.tty(), over);
        conversation = Optional.of(talk);
        monitor = Optional.of(vm);
        ready.complete(true);
        Conversation.End end;
        try (DiskWatch _ =
                DiskWatch.start(owned.files().scratch(), settings.diskFloor(), vm, new DiskPauses(this, audience))) {
            end = talk.awaitEnd(log, new Hearing());
            if (end instanceof Conversation.End.Over ended && spec.keep() && !ended.givenUp()) {
                talk.shutDown(true);
                vm.awaitExit(WRITE_BACK);
            }
        } finally {
            conversation = Optional.empty();
            monitor = Optional.empty();
        }
        return switch (end) {
            case Conversation.End.LetGo letGo -> new RunEnd.LetGo();
            case Conversation.End.Over ended -> over(ended, resources);
        };
    }

    private RunEnd over(Conversation.End.Over over, Resources resources) throws FcvmException {
        if (over.outOfMemory()) {
            audience.warn(resources.outOfMemory());
        }
        if (state() instanceof MachineState.Up up) {
            to(up.exited(over.code(), over.outOfMemory(), world.clock().instant()));
        }
        world.happened(Action.DIED, owned, spec, Map.of(MachineEvent.EXIT_CODE, Integer.toString(over.code())));
        return new RunEnd.Exited(over.code(), over.outOfMemory());
    }

    /** What is heard of the container while it runs. */
    private final class Hearing implements Conversation.Hearer {

        @Override
        public void started() {
            hasStarted();
        }

        @Override
        public void health(String document) {
            health.heard(document);
        }
    }

    private void hasStarted() {
        audience.reached(Phase.CONTAINER_STARTED);
        try {
            Environments.forget(owned.files());
        } catch (FcvmException stays) {
            audience.warn(String.valueOf(stays.getMessage()));
        }
        world.happened(Action.START, owned, spec);
        started.complete(true);
    }

    private OutputLog openLog() throws FcvmException {
        try {
            return OutputLog.open(owned.files().directory(), spec.logLimit(), world.clock());
        } catch (IOException failure) {
            throw unlogged(failure);
        }
    }

    private void show(OutputLog log) throws FcvmException {
        try {
            signs().opened(log);
        } catch (IOException failure) {
            throw unlogged(failure);
        }
    }

    private void begin(OutputLog log) throws FcvmException {
        try {
            log.begin();
        } catch (IOException failure) {
            throw unlogged(failure);
        }
    }

    private FcvmException unlogged(IOException failure) {
        return new FcvmException(
                Kind.HOST,
                "cannot log the container's output in " + owned.files().directory() + ": " + IoReason.of(failure)
                        + "; look at the disk space and the permissions there",
                failure);
    }

    /** Writes down where it stands from now on, before anything is done that makes it true. */
    synchronized void to(MachineState next) throws FcvmException {
        owned.write(next);
        state = next;
    }
}
