package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.MachineEvent;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.Suspension;
import dev.fcvm.machine.store.World;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Where a machine in the hands of this process stands. A state is written down before anything is done that makes it true,
 * and each change is an event. Closing gives back what the machine has on the host.
 */
final class Standing implements AutoCloseable {

    /** The exit code that is remembered of a machine that was ended before its container was. */
    static final int KILLED = 137;

    private static final int FAILED = 125;

    private final World world;
    private final OwnedMachine owned;
    private volatile MachineSpec spec;
    private MachineState state;
    /** Its memory gets its name on one thread, and its run may end on another. */
    private final Object memory = new Object();

    private boolean over;

    Standing(World world, OwnedMachine owned, MachineSpec spec, MachineState state) {
        this.world = world;
        this.owned = owned;
        this.spec = spec;
        this.state = state;
    }

    /** Returns what it is. */
    MachineSpec spec() {
        return spec;
    }

    /** Returns what it has on the host. */
    OwnedMachine owned() {
        return owned;
    }

    /** Returns what it has in common with all others. */
    World world() {
        return world;
    }

    /** Returns the state it is in. */
    synchronized MachineState state() {
        return state;
    }

    /** Writes down that something happened to it. */
    void happened(Action action, Map<String, String> details) {
        world.happened(action, owned, spec, details);
    }

    /** It gets another name. */
    synchronized void rename(MachineName name) throws FcvmException, InterruptedException {
        spec = owned.rename(spec, name);
        happened(Action.RENAME, Map.of());
    }

    /** It is about to be started. */
    synchronized MachineState.Preparing prepare() throws FcvmException {
        if (!(state instanceof MachineState.Resting resting)) {
            throw new IllegalStateException("a machine is started that is " + state);
        }
        MachineState.Preparing preparing = resting.preparing(now());
        to(preparing);
        return preparing;
    }

    /** Its monitor is about to be started. */
    synchronized MachineState.Booting boot(MachineState.Preparing preparing) throws FcvmException {
        synchronized (memory) {
            over = false;
        }
        MachineState.Booting booting = preparing.booting(now());
        to(booting);
        return booting;
    }

    /** Its agent is about to be told to run the container. */
    synchronized void run(MachineState.Booting booting) throws FcvmException {
        to(booting.running(now()));
    }

    /** Its container is about to be told to end. */
    synchronized void stop() throws FcvmException {
        if (state instanceof MachineState.Running running) {
            to(running.stopping(now()));
        }
        happened(Action.STOP, Map.of());
    }

    /** Its user wants its processors to stand still. */
    synchronized void pause() throws FcvmException {
        pause("");
    }

    /** Its processors are to stand still, for a reason that is not empty when they go on by themselves. */
    synchronized MachineState.Paused pause(String reason) throws FcvmException {
        if (!(state instanceof MachineState.Running running)) {
            throw notRunning(reason.isEmpty() ? "paused" : "saved");
        }
        MachineState.Paused paused = running.paused(reason, now());
        to(paused);
        return paused;
    }

    /** Refuses to let it go on when it was not its user who stopped it. */
    synchronized MachineState.Paused pausedByUser() throws FcvmException {
        if (state instanceof MachineState.Paused paused && paused.reason().isEmpty()) {
            return paused;
        }
        throw new FcvmException(
                Kind.IN_USE, "machine " + owned.name() + " cannot be resumed: it has not been paused by fcvm pause");
    }

    /** Its processors go on, unless it has ended meanwhile. */
    synchronized void goOn(MachineState.Paused paused) throws FcvmException {
        if (state.equals(paused)) {
            to(paused.running(now()));
        }
    }

    /** What gives a machine's memory its name. */
    @FunctionalInterface
    interface LastStep {
        void run() throws FcvmException, InterruptedException;
    }

    /**
     * Does the last step of saving its memory.
     *
     * @throws FcvmException when its run is over, which nothing can go on from
     */
    void keepMemory(LastStep step) throws FcvmException, InterruptedException {
        synchronized (memory) {
            if (over) {
                throw new FcvmException(
                        Kind.VMM, "machine " + owned.name() + " was not saved: it ended meanwhile; see fcvm ps -a");
            }
            step.run();
        }
    }

    /** Its run is over, and no memory of it is saved from here on. Returns whether it was: then it goes on from there. */
    boolean isAsleep() {
        synchronized (memory) {
            over = true;
            return isSuspended();
        }
    }

    /**
     * Its processors are to stand still for a reason of the host's.
     *
     * @return false when they stand still for another reason, and go on when that one says so
     */
    synchronized boolean standsStill(String reason) throws FcvmException {
        if (state instanceof MachineState.Running running) {
            to(running.paused(reason, now()));
            happened(Action.PAUSE, Map.of(MachineEvent.REASON, reason));
        }
        return !(state instanceof MachineState.Paused paused) || paused.reason().equals(reason);
    }

    /** Its processors go on, when they stood still for this reason. */
    synchronized void movesAgain(String reason) throws FcvmException {
        if (state instanceof MachineState.Paused paused && paused.reason().equals(reason)) {
            to(paused.running(now()));
            happened(Action.UNPAUSE, Map.of());
        }
    }

    /** Its container has ended. */
    synchronized void exit(int code, boolean outOfMemory) throws FcvmException {
        if (state instanceof MachineState.Up up) {
            to(up.exited(code, outOfMemory, now()));
        }
        happened(Action.DIED, Map.of(MachineEvent.EXIT_CODE, Integer.toString(code)));
    }

    /**
     * Decides what stays of it when this run of it is over.
     *
     * @param discarded whether its user wants nothing of it to stay
     * @param vanishes whether it was made for this one run, and its container never ran
     */
    void conclude(RunEnd end, boolean discarded, boolean vanishes) throws FcvmException {
        boolean stays = spec.keep() && !discarded;
        switch (end) {
            case RunEnd.LetGo letGo -> owned.letGo();
            case RunEnd.Suspended suspended when !discarded -> suspend("");
            case RunEnd.Suspended suspended -> remove(KILLED);
            // What kept it from going on is told; its memory is there still, unless it had begun to.
            case RunEnd.CalledOff calledOff when !discarded && isSuspended() -> suspend("");
            case RunEnd.Failed failed
            when !discarded && isSuspended() && state() instanceof MachineState.Up -> suspend("");
            case RunEnd.Failed(Throwable why) when !discarded && isSuspended() -> suspend(firstLine(why));
            case RunEnd.Exited exited when stays -> owned.keep();
            case RunEnd.Exited(int code, boolean _) -> remove(code);
            case RunEnd.CalledOff calledOff when vanishes || !stays -> remove(KILLED);
            case RunEnd.Failed failed when vanishes || !stays -> remove(FAILED);
            case RunEnd.CalledOff calledOff -> rest("called off before its container ran");
            case RunEnd.Failed(Throwable why) -> rest(firstLine(why));
        }
    }

    private static String firstLine(Throwable why) {
        return String.valueOf(why.getMessage()).lines().findFirst().orElse("");
    }

    private boolean isSuspended() {
        return new Suspension(owned.files()).exists();
    }

    /**
     * @param reason why it did not go on; empty when it was not to
     */
    private synchronized void suspend(String reason) throws FcvmException {
        if (state instanceof MachineState.Live live) {
            to(live.suspended(reason, now()));
            happened(Action.SUSPEND, reason.isEmpty() ? Map.of() : Map.of(MachineEvent.REASON, reason));
        }
        owned.keep();
    }

    /** It was to go on, and nothing was begun of that. */
    synchronized void stays(FcvmException why) throws FcvmException {
        if (state instanceof MachineState.Suspended suspended) {
            to(suspended.stays(firstLine(why), now()));
            happened(Action.SUSPEND, Map.of(MachineEvent.REASON, firstLine(why)));
        }
    }

    private synchronized void rest(String reason) throws FcvmException {
        if (state instanceof MachineState.Live live) {
            to(live.failed(reason, now()));
            happened(Action.FAILED, Map.of(MachineEvent.REASON, reason));
        }
        owned.keep();
    }

    private synchronized void remove(int code) throws FcvmException {
        if (state instanceof MachineState.Live live) {
            to(live.removing(now()));
        } else if (state instanceof MachineState.Resting resting) {
            to(resting.removing(now()));
        }
        world.remember(owned, code);
        happened(Action.REMOVE, Map.of());
    }

    /** The refusal of what only a machine that runs can do. */
    FcvmException notRunning(String what) {
        return new FcvmException(
                Kind.IN_USE, "machine " + owned.name() + " cannot be " + what + ": it does not run; see fcvm ps -a");
    }

    private Instant now() {
        return world.clock().instant();
    }

    /** Waits while it stands still for this reason, but no longer than this many milliseconds. */
    synchronized void awaitGoingOn(String reason, long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (state instanceof MachineState.Paused paused && paused.reason().equals(reason)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    private synchronized void to(MachineState next) throws FcvmException {
        owned.write(next);
        state = next;
        notifyAll();
    }

    @Override
    public void close() throws FcvmException {
        owned.close();
    }
}
