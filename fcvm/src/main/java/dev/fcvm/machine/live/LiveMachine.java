package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Pending;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.ready.Signs;
import dev.fcvm.machine.session.Answers;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.GuestSync;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunEvent;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.World;
import dev.fcvm.vmm.RunningVm;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A machine in the hands of this process, which holds its lock: has it live its {@link Lifetime}, on a thread of its own.
 * Others ask it for things; it alone decides where the machine stands.
 */
public final class LiveMachine {

    /** How often it is looked whether a machine that is being saved has ended. */
    private static final long LOOK_MILLIS = 1000;

    static final String REASON_VERB = "saved";

    /** A container stands still within milliseconds; an emulated one in a second. */
    private static final Duration HOLD_PATIENCE = Duration.ofMinutes(1);

    private final Standing standing;
    private final Audience audience;
    private final Lifetime lifetime;
    private final Runnable forget;
    private final CompletableFuture<RunEnd> ended = new CompletableFuture<>();
    private Optional<Thread> keeper = Optional.empty();
    private volatile boolean discarded;

    /**
     * @param forget called when it is in the hands of this process no more
     */
    public LiveMachine(World world, OwnedMachine owned, MachineSpec spec, MachineState state, Runnable forget) {
        this(world, owned, spec, state, audience(world, owned), forget);
    }

    /**
     * The same of a machine that was prepared before.
     *
     * @param audience what was prepared tells those who watch it
     */
    public LiveMachine(
            World world, OwnedMachine owned, MachineSpec spec, MachineState state, Audience audience, Runnable forget) {
        this.standing = new Standing(world, owned, spec, state);
        this.audience = audience;
        this.lifetime = new Lifetime(standing, audience);
        this.forget = forget;
    }

    /** Makes the watchers of a machine: nobody yet. */
    static Audience audience(World world, OwnedMachine owned) {
        return new Audience(new Fallback(line -> world.log().accept(owned.name() + ": " + line)));
    }

    /** Returns what it is. */
    public MachineSpec spec() {
        return standing.spec();
    }

    /** Returns who watches it. */
    public Audience audience() {
        return audience;
    }

    /** Returns where its files lie. */
    public MachineFiles files() {
        return standing.owned().files();
    }

    /** Returns where it stands. */
    public MachineState state() {
        return standing.state();
    }

    /** Completes when its container can be asked for things: true; or when it never will: false. */
    public CompletableFuture<Boolean> ready() {
        return lifetime.supervision().ready();
    }

    /** Completes when its container runs, or when it never will. */
    public CompletableFuture<Boolean> started() {
        return lifetime.supervision().started();
    }

    /** Completes when it is in the hands of this process no more, and what it had on the host is given back. */
    public CompletableFuture<RunEnd> ended() {
        return ended;
    }

    /** Returns the session with its agent, when its container may run. */
    public Optional<AgentSession> agent() {
        return lifetime.supervision().agent();
    }

    /** Returns its monitor, when its container may run. */
    public Optional<RunningVm> monitor() {
        return lifetime.supervision().monitor();
    }

    /** Returns what it shows of itself by which it can be told whether it is ready. */
    public Signs signs() {
        return lifetime.supervision().signs();
    }

    /** Boots it, and has its container run; returns at once. To be called once. */
    public void start(Launch launch) {
        begin(() -> keep(() -> lifetime.start(launch), launch.transientRun()));
    }

    /** Takes it over as it runs, and supervises it to its end; returns at once. To be called once. */
    public void adopt(Adoption adoption) {
        lifetime.supervision().runsAlready();
        begin(() -> keep(() -> lifetime.takeOver(adoption), false));
    }

    private void begin(Runnable work) {
        Thread thread;
        synchronized (this) {
            if (keeper.isPresent()) {
                throw new IllegalStateException("machine " + standing.owned().name() + " has been started already");
            }
            thread = Thread.ofVirtual().name("machine-" + files().id().brief()).unstarted(work);
            keeper = Optional.of(thread);
        }
        thread.start();
    }

    /** Calls the start off, as long as there is no container; ends a machine that is never started. */
    public void callOff() {
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
    public boolean signal(LinuxSignal signal) {
        if (agent().isEmpty()) {
            return false;
        }
        lifetime.tell(new RunEvent.Signalled(signal));
        return true;
    }

    /**
     * Has the container end, and the machine with it.
     *
     * @param grace how long it may take before it is killed
     */
    public void stop(Optional<Duration> grace) throws FcvmException {
        standing.stop();
        lifetime.tell(new RunEvent.Stop(spec().stopSignal(), grace.orElse(Duration.ofSeconds(spec().stopSeconds()))));
    }

    /** Ends it as it is, and has nothing of it stay. */
    public void discard() {
        discarded = true;
        // One that is ending by then must not be interrupted in it.
        boolean starting = agent().isEmpty() && !started().isDone();
        lifetime.tell(new RunEvent.Kill());
        if (starting) {
            callOff();
        }
    }

    /** Ends it as it is. */
    public void kill() {
        lifetime.tell(new RunEvent.Kill());
    }

    /**
     * Leaves it, as it runs, to another process. One that is being started is left as soon as its container runs, and one
     * whose container has ended comes to its end.
     */
    public void letGo() {
        var _ = started().thenAccept(runs -> {
            if (runs) {
                lifetime.tell(new RunEvent.LetGo());
            }
        });
    }

    /** The same, but one whose container does not run yet is called off: nobody is left who could want it started. */
    public void leave() {
        letGo();
        if (!started().isDone()) {
            callOff();
        }
    }

    /** Returns what of the host its container finds. */
    public RunMappings mappings() throws FcvmException {
        return lifetime.supervision().mappings().orElseThrow(() -> standing.notRunning("given a mapping"));
    }

    /** Writes down that something happened to it. */
    public void happened(Action action, Map<String, String> details) {
        standing.happened(action, details);
    }

    /** Gives it another name. */
    public void rename(MachineName name) throws FcvmException, InterruptedException {
        standing.rename(name);
    }

    /** Stops its processors. */
    public void pause() throws FcvmException, InterruptedException {
        RunningVm vm = lifetime.supervision().monitor().orElseThrow(() -> standing.notRunning("paused"));
        standing.pause();
        vm.pause();
        standing.happened(Action.PAUSE, Map.of());
    }

    /** Lets its processors go on. */
    public void resume() throws FcvmException, InterruptedException {
        MachineState.Paused paused = standing.pausedByUser();
        RunningVm vm = lifetime.supervision().monitor().orElseThrow(() -> standing.notRunning("resumed"));
        vm.resume();
        standing.goOn(paused);
        standing.happened(Action.UNPAUSE, Map.of());
    }

    /** What is done while nothing in a machine moves. */
    @FunctionalInterface
    interface WhileStill {
        void with(RunningVm vm) throws FcvmException, InterruptedException;
    }

    /**
     * Brings back what its container has changed in copies of directories until now; it stands still meanwhile.
     *
     * @return what the user is to be told, a line each
     */
    public List<String> syncMappings() throws FcvmException, InterruptedException {
        RunMappings mappings = mappings();
        List<String> told = new ArrayList<>();
        // What its programs have written is on its disks when nothing of it moves.
        standingStill(Saving.REASON, GuestSync::run, vm -> told.addAll(mappings.sync()));
        return told;
    }

    /** What is done while the container's processes stand still and the guest does not. */
    interface WhileHeld {
        void with(AgentSession agent) throws FcvmException, InterruptedException;
    }

    /**
     * Has the container's processes stand still, and does one thing; then the processors, and does another. Whatever
     * becomes of that, both go on.
     *
     * @param reason why, as {@code fcvm ps} shows it
     */
    void standingStill(String reason, WhileHeld first, WhileStill step) throws FcvmException, InterruptedException {
        RunningVm vm = lifetime.supervision().monitor().orElseThrow(() -> standing.notRunning(REASON_VERB));
        AgentSession agent = lifetime.supervision().agent().orElseThrow(() -> standing.notRunning(REASON_VERB));
        MachineState.Paused paused = standing.pause(reason);
        // Whoever asked for it may be gone by then; the machine goes on all the same.
        try (Pending _ = new Pending(() -> {
            Uninterrupted.run(() -> {
                vm.resume();
                agent.release(files().id().value());
            });
            standing.goOn(paused);
        })) {
            hold(agent);
            first.with(agent);
            vm.pause();
            step.with(vm);
        }
    }

    /**
     * The same for a machine that does not go on: it ends when that is done, as it is. When it is not done, it goes on.
     *
     * @param reason why it stands still meanwhile
     * @param doors lets its callers wait
     * @param first is done before its processors stop
     */
    void suspend(String reason, Doorkeeper doors, WhileHeld first, WhileStill step)
            throws FcvmException, InterruptedException {
        WhileHeld held = agent -> {
            hold(agent);
            first.with(agent);
        };
        new Suspending(standing, lifetime.supervision(), audience, doors).run(reason, held, step);
        lifetime.tell(new RunEvent.Suspend());
    }

    /**
     * Does the last step of saving its memory.
     *
     * @throws FcvmException when its run is over, which nothing can go on from
     */
    void keepMemory(Standing.LastStep step) throws FcvmException, InterruptedException {
        standing.keepMemory(step);
    }

    private void hold(AgentSession agent) throws FcvmException, InterruptedException {
        String problem =
                Answers.await(agent.hold(files().id().value()), HOLD_PATIENCE, "have the container stand still");
        if (!problem.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.GUEST, "machine " + standing.owned().name() + " cannot be saved: " + problem);
        }
    }

    /** Waits until it is not being saved; what is asked of it meanwhile is only late. */
    public void awaitSaved() throws InterruptedException {
        while (state() instanceof MachineState.Paused paused
                && paused.reason().equals(Saving.REASON)
                && !ended.isDone()) {
            standing.awaitGoingOn(Saving.REASON, LOOK_MILLIS);
        }
    }

    /** Gives it up before it was started: where it was to go on after it was suspended, it is written down why it does not. */
    public void release(FcvmException why) throws FcvmException {
        try {
            standing.stays(why);
        } finally {
            release(true);
        }
    }

    /** Gives it up before it was ever started: it stays as it is, or goes. */
    public void release(boolean keep) throws FcvmException {
        if (keep) {
            standing.owned().keep();
        }
        forget.run();
        try {
            standing.close();
        } finally {
            // Whoever waits for it waits no longer, whatever has become of its files.
            lifetime.supervision().over();
            ended.complete(new RunEnd.CalledOff());
        }
    }

    /** What the machine goes through. */
    private interface Life {
        RunEnd live() throws FcvmException, InterruptedException;
    }

    /**
     * @param fleeting whether nothing of it is to stay when its container never ran
     */
    private void keep(Life life, boolean fleeting) {
        RunEnd end;
        try (standing) {
            end = attempt(life);
            standing.conclude(
                    end, discarded || isRemoved(), fleeting && !started().isDone());
        } catch (FcvmException | RuntimeException stays) {
            end = new RunEnd.Failed(stays);
        }
        forget.run();
        lifetime.supervision().over();
        ended.complete(end);
    }

    private RunEnd attempt(Life life) {
        try {
            RunEnd end = life.live();
            if (!(end instanceof RunEnd.LetGo)) {
                standing.owned().forgetHandle();
            }
            return end;
        } catch (InterruptedException calledOff) {
            Besides.of(calledOff).forEach(audience::warn);
            return new RunEnd.CalledOff();
        } catch (FcvmException failure) {
            return isRemoved() ? new RunEnd.Exited(Standing.KILLED, false) : new RunEnd.Failed(failure);
        } catch (RuntimeException | Error failure) {
            return new RunEnd.Failed(failure);
        }
    }

    /** Whoever removes it by force from another process has ended its monitor. */
    private boolean isRemoved() {
        return Files.exists(files().removal());
    }
}
