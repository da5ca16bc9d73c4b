package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.MachineEvent;
import dev.fcvm.machine.inside.GuestPodman;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.Saving;
import dev.fcvm.machine.log.LogQuery;
import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.ready.HealthVerdict;
import dev.fcvm.machine.ready.ReadyCondition;
import dev.fcvm.machine.session.Attachment;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.session.Stdio;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.Readiness;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.MachineReport;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotDraft;
import dev.fcvm.vmm.process.SerialConsole;
import dev.fcvm.volume.Mapping;
import java.io.OutputStream;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** One machine, whatever becomes of it: what a front end does with it. */
public final class Machine {

    private static final int SIGKILL = 9;

    private final Machines machines;
    private final MachineId id;
    private final String name;
    private final Optional<Launch> launch;
    private final InHand inHand;

    Machine(Machines machines, MachineId id, String name, Optional<Launch> launch) {
        this.machines = machines;
        this.id = id;
        this.name = name;
        this.launch = launch;
        this.inHand = new InHand(machines, id, name);
    }

    /** Returns its id. */
    public MachineId id() {
        return id;
    }

    /** Returns its name. */
    public String name() {
        return name;
    }

    /** Returns what its files say of it. */
    public StoredMachine stored() throws FcvmException {
        return machines.world().store().find(id.value());
    }

    /**
     * Lets somebody watch its container, from its first byte on when it has not been started.
     *
     * @param owner whether the container cannot write what this one does not take
     */
    public Attachment attach(Stdio stdio, RunListener listener, boolean owner) throws FcvmException {
        LiveMachine live = inHand.live("attached to");
        if (!launch.isPresent()) {
            live.happened(Action.ATTACH, Map.of());
        }
        return live.audience().join(stdio, listener, owner);
    }

    /**
     * Has what was created a moment ago started; returns at once.
     *
     * @return completes when it has come to its end, and nothing of this run is left on the host
     */
    public CompletableFuture<RunEnd> start() {
        LiveMachine live = machines.live(id).orElseThrow(() -> new IllegalStateException(name + " is gone"));
        Launch with = launch.orElseThrow(() -> new IllegalStateException(name + " was not created to be started"));
        machines.warming().behind(live, with);
        live.start(with);
        return live.ended();
    }

    /**
     * Takes a machine that rests, to start it once more.
     *
     * @param source of what the start needs; its image is there already
     * @return the machine, which {@link #start()} starts and {@link #dismiss} gives up
     * @throws FcvmException when it runs, or cannot be started here
     */
    public Machine again(MachineSource source) throws FcvmException, InterruptedException {
        machines.live(id)
                .filter(live -> live.state() instanceof MachineState.Resting)
                .ifPresent(live -> live.ended().join());
        return new Machine(machines, id, name, Optional.of(Relaunch.take(machines, stored(), source)));
    }

    /** Gives up a machine that was not started after all. */
    public void dismiss(boolean keep) throws FcvmException {
        Optional<LiveMachine> live = machines.live(id);
        if (live.isPresent()) {
            try {
                if (launch.isPresent()) {
                    launch.get().giveUp();
                }
            } finally {
                live.get().release(keep);
            }
        }
    }

    /** Completes when its container runs: true; or when it never will: false. */
    public CompletableFuture<Boolean> started() throws FcvmException {
        return inHand.live("waited for").started();
    }

    /** Waits until its container runs; returns false when it never will. */
    public boolean awaitStart() throws InterruptedException {
        Optional<LiveMachine> live = machines.live(id);
        if (live.isEmpty()) {
            return false;
        }
        Waiting.until(live.get().started());
        return live.get().started().getNow(false);
    }

    /** Completes when it has come to its end, and is in the hands of this process no more. */
    public CompletableFuture<RunEnd> ended() throws FcvmException {
        return inHand.live("waited for").ended();
    }

    /**
     * Returns what its start waits for, beyond that its container runs; nothing for nothing. Of a machine that was taken to
     * be started.
     */
    Optional<ReadyGate> gate() throws FcvmException {
        Optional<LiveMachine> live = machines.live(id);
        // One that goes on where it was suspended was ready then: its log does not say so again.
        if (live.isEmpty() || launch.filter(Launch::resumes).isPresent()) {
            return Optional.empty();
        }
        Optional<ReadyCondition> condition = live.get().spec().ready().condition();
        return condition.map(wanted -> new ReadyGate(live.get(), name, wanted));
    }

    /**
     * Waits until it is ready.
     *
     * @param condition what makes it ready, as {@code --wait-ready} has it; nothing for what it was created with, else its
     *     health check, else that its container says so or runs
     * @throws FcvmException when it is not ready in time, has ended, or cannot be waited for
     */
    public void awaitReady(Optional<String> condition) throws FcvmException, InterruptedException {
        LiveMachine live = inHand.live("waited for");
        if (!(live.state() instanceof MachineState.Live)) {
            throw inHand.notRunning("waited for");
        }
        Readiness readiness = live.spec().ready();
        ReadyCondition wanted =
                condition.isPresent() ? readiness.condition("--ready", condition.get()) : readiness.meant();
        readiness.check(wanted);
        Optional<FcvmException> unready = new ReadyGate(live, name, wanted).await();
        if (unready.isPresent()) {
            throw unready.get();
        }
    }

    /**
     * Checks its container's health now, besides the checks that are made by themselves.
     *
     * @return how the check ended
     */
    public HealthVerdict checkHealth() throws FcvmException, InterruptedException {
        LiveMachine live = inHand.running("checked");
        if (!live.spec().ready().health()) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "machine " + name + " has no health check; give a container one with --health-cmd when it is made");
        }
        return HealthProbe.run(live, name);
    }

    /** Calls its start off, if its container does not run yet. */
    public void callOff() {
        machines.live(id).ifPresent(LiveMachine::callOff);
    }

    /**
     * Passes on a signal of a user who watches it.
     *
     * @return false when there is no container that could get it
     */
    public boolean relay(LinuxSignal signal) {
        return machines.live(id).filter(live -> live.signal(signal)).isPresent();
    }

    /**
     * Sends its container a signal.
     *
     * @param signal the Linux number
     */
    public void kill(int signal) throws FcvmException {
        LiveMachine live = inHand.running("sent a signal");
        live.happened(Action.KILL, Map.of(MachineEvent.SIGNAL, Integer.toString(signal)));
        boolean told =
                live.agent().filter(agent -> agent.signal(id.value(), signal)).isPresent();
        if (!told && signal == SIGKILL) {
            live.kill();
        } else if (!told) {
            throw new FcvmException(
                    Kind.GUEST,
                    "the agent in machine " + name + " does not listen; end the machine as it is: fcvm kill " + name);
        }
    }

    /** Gives it another name, whether it runs or not; its container keeps its host name. */
    public void rename(String name) throws FcvmException, InterruptedException {
        machines.rename(id, MachineName.parse(name));
    }

    /**
     * Has its container end, and waits until the machine rests.
     *
     * @param grace how long the container may take before it is killed; nothing for as long as it was created with
     */
    public void stop(Optional<Duration> grace) throws FcvmException, InterruptedException {
        if (machines.live(id).isEmpty() && stored().state() instanceof MachineState.Resting resting) {
            Relaunch.refuseToStop(name, resting);
            return; // as Podman: what does not run is stopped
        }
        LiveMachine machine = inHand.live("stopped");
        if (machine.state() instanceof MachineState.Paused) {
            throw new FcvmException(
                    Kind.IN_USE, "machine " + name + " is paused, and cannot be stopped: fcvm unpause " + name);
        }
        if (machine.agent().isPresent()) {
            machine.stop(grace);
        } else if (!machine.started().isDone()) {
            machine.callOff();
        }
        Waiting.until(machine.ended());
    }

    /** Writes down that it is stopped in order to be started. */
    public void restarting() {
        machines.live(id).ifPresent(live -> live.happened(Action.RESTART, Map.of()));
    }

    /** Gives its container one more directory or file of the host, while it runs. */
    public void map(Mapping.HostDirectory wanted) throws FcvmException, InterruptedException {
        inHand.running("given a mapping").mappings().add(wanted);
    }

    /**
     * Takes away what was mapped while it ran.
     *
     * @return what the user is to be told, a line each
     */
    public List<String> unmap(String target) throws FcvmException, InterruptedException {
        return inHand.running("relieved of a mapping").mappings().remove(target);
    }

    /**
     * Brings back what its container has changed in copies of directories until now; it stands still meanwhile.
     *
     * @return what the user is to be told, a line each
     */
    public List<String> syncMappings() throws FcvmException, InterruptedException {
        return inHand.running("asked for what it has changed").syncMappings();
    }

    /**
     * Saves its memory, and ends it as it is; it goes on when it is {@linkplain #again started}.
     *
     * @param settings of whoever wants it
     * @throws FcvmException when somebody is attached to it, or it cannot be saved; it goes on then
     */
    public void suspend(Settings settings) throws FcvmException, InterruptedException {
        LiveMachine live = inHand.running("suspended");
        new Saving(live, settings, machines.world().clock().instant())
                .suspend(machines.awakening().doors());
        Waiting.until(live.ended());
    }

    /**
     * Has it go on where it was suspended, and waits until it does; several who want that at once have it once. Nothing is
     * done with one that is not suspended.
     *
     * @param source of what it needs; its image is there already
     * @throws FcvmException when it does not go on
     */
    public void wake(MachineSource source) throws FcvmException, InterruptedException {
        machines.awakening().wake(this, source);
    }

    /** Stops its processors. */
    public void pause() throws FcvmException, InterruptedException {
        inHand.running("paused").pause();
    }

    /** Lets its processors go on. */
    public void unpause() throws FcvmException, InterruptedException {
        inHand.live("resumed").resume();
    }

    /**
     * Saves it as it runs, and lets it go on.
     *
     * @param settings of whoever wants it saved
     * @param name what the snapshot is to be called
     * @return what was saved, in a draft that is not published yet
     */
    public Snapshot save(SnapshotDraft draft, String name, Settings settings)
            throws FcvmException, InterruptedException {
        LiveMachine live = inHand.running("saved");
        return new Saving(live, settings, machines.world().clock().instant()).into(draft, name);
    }

    /** Runs one more command in it. */
    public Execution exec(MoreCommand command, Stdio stdio, RunListener listener) throws FcvmException {
        return Execution.start(inHand.running("used for a command"), this, command, stdio, listener);
    }

    /**
     * Returns Podman in its guest, to be asked about its container.
     *
     * @param what is wanted of the machine, for the message that says why it cannot be
     */
    public GuestPodman podman(String what) throws FcvmException {
        return GuestPodman.of(inHand.running(what));
    }

    /** Shows what its container wrote. */
    public void logs(LogQuery query, boolean follow, ZoneId zone, Map<Output, OutputStream> targets)
            throws FcvmException, InterruptedException {
        var log = new LogFollower(stored().files(), query, zone, targets);
        if (follow) {
            log.follow();
        } else {
            log.show();
        }
    }

    /** Returns the last of what its serial console said, with control characters made harmless. */
    public String console() throws FcvmException {
        return SerialConsole.in(stored().files().directory()).text();
    }

    /**
     * Returns all that is known of it.
     *
     * @throws FcvmException when its specification is damaged or not written yet
     */
    public MachineReport report() throws FcvmException, InterruptedException {
        StoredMachine stored = stored();
        boolean abandoned = stored.state() instanceof MachineState.Live
                && !Adoption.isPossible(stored)
                && machines.live(id).isEmpty()
                && !machines.world().store().isSupervised(stored);
        return MachineReport.of(stored, abandoned)
                .orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND, "machine " + name + " is being made, or its spec.json is damaged"));
    }

    /** Waits until it comes to a state of this kind; returns nothing when it is gone before. */
    public Optional<MachineState> await(Predicate<MachineState> wanted) throws FcvmException, InterruptedException {
        return new EndWatch(stored().files(), machines.world().store()).await(wanted);
    }

    /**
     * Takes everything of it away.
     *
     * @param force whether one that runs is ended, and what it cannot give back is given up
     * @return what the user is to be told, a line each
     * @throws FcvmException when it runs and no force is used, or something of it stays
     */
    public List<String> remove(boolean force) throws FcvmException, InterruptedException {
        return inHand.remove(force);
    }
}
