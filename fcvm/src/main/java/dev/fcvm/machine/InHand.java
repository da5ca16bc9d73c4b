package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.Removal;
import dev.fcvm.machine.store.StoredMachine;
import java.util.List;
import java.util.Optional;

/**
 * A machine in the hands of this process: one that runs, and that nobody has, is taken over. Each method is told what is
 * wanted of the machine, for the message that says why it cannot be.
 */
record InHand(Machines machines, MachineId id, String name) {

    /** A supervisor whose socket was deleted sees that within a second, and lets its machines go then. */
    private static final int LOOKS = 20;

    private static final long LOOK_MILLIS = 100;

    /** Returns it when its container runs and is not paused. */
    LiveMachine running(String what) throws FcvmException {
        LiveMachine live = live(what);
        return switch (live.state()) {
            case MachineState.Running running -> live;
            case MachineState.Stopping stopping -> live;
            case MachineState.Paused paused ->
                throw new FcvmException(
                        Kind.IN_USE,
                        "machine " + name + " is paused, and cannot be " + what + ": fcvm unpause " + name);
            default -> throw notRunning(what);
        };
    }

    /** Returns it when it is between its start and its end. */
    LiveMachine live(String what) throws FcvmException {
        Optional<LiveMachine> live = machines.live(id);
        if (live.isPresent()) {
            return ready(live.get());
        }
        StoredMachine stored = machines.world().store().find(id.value());
        Optional<LiveMachine> taken = adopted(stored);
        for (int time = 0; taken.isEmpty() && time < LOOKS && isElsewhere(stored); time++) {
            rest();
            stored = machines.world().store().find(id.value());
            taken = adopted(stored);
        }
        if (taken.isPresent()) {
            return ready(taken.get());
        }
        if (stored.state() instanceof MachineState.Live state) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "machine %s cannot be %s from here: %s"
                            .formatted(name, what, elsewhere(state, Adoption.isPossible(stored), name)));
        }
        throw notRunning(what);
    }

    private static boolean isElsewhere(StoredMachine stored) {
        return stored.state() instanceof MachineState.Up && Adoption.isPossible(stored);
    }

    private static void rest() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Says what another process does with a machine.
     *
     * @param monitorRuns whether its container may run
     */
    static String elsewhere(MachineState.Live state, boolean monitorRuns, String name) {
        String wait = "; wait for its end: fcvm wait " + name;
        return switch (state) {
            case MachineState.Preparing _, MachineState.Booting _ ->
                "another fcvm process is starting it; see when it runs: fcvm ps";
            case MachineState.Removing _ -> "it is being removed";
            case MachineState.Stopping _ -> "another fcvm process is stopping it" + wait;
            case MachineState.Up _
            when !monitorRuns -> "it has just ended, and another fcvm process is clearing it away" + wait;
            case MachineState.Up _ ->
                "it is in the hands of another fcvm process, either one that was started with FCVM_SUPERVISOR=off or a"
                        + " supervisor in other namespaces; run the command there, or end that process first";
        };
    }

    private Optional<LiveMachine> adopted(StoredMachine stored) throws FcvmException {
        try {
            return machines.adopt(stored);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** One that has just been taken over can be asked for things as soon as its agent has answered. */
    private static LiveMachine ready(LiveMachine live) {
        try {
            live.awaitSaved();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return live;
        }
        if (live.state() instanceof MachineState.Up && !(live.state() instanceof MachineState.Paused)) {
            live.ready().join();
        }
        return live;
    }

    /** Returns what is to be said of one that does not run. */
    FcvmException notRunning(String what) {
        return new FcvmException(
                Kind.IN_USE,
                "machine " + name + " cannot be " + what + ": it does not run; start it: fcvm start " + name);
    }

    /**
     * Takes everything of it away.
     *
     * @param force whether one that runs is ended, and what it cannot give back is given up
     * @return what the user is to be told, a line each
     */
    List<String> remove(boolean force) throws FcvmException, InterruptedException {
        Optional<LiveMachine> live = machines.live(id);
        if (live.isEmpty()) {
            StoredMachine stored = machines.world().store().find(id.value());
            List<String> told = new Removal(machines.world()).remove(stored, force);
            machines.awakening().settle(stored.files());
            return told;
        }
        if (!force && live.get().state() instanceof MachineState.Live) {
            throw Removal.running(name);
        }
        live.get().discard();
        switch (Waiting.until(live.get().ended())) {
            case RunEnd.Failed(FcvmException why) when machines.world().store().has(id) -> throw why;
            default -> {}
        }
        // It has ended, and something could not be taken back.
        return machines.world().store().has(id)
                ? new Removal(machines.world()).remove(machines.world().store().find(id.value()), force)
                : List.of();
    }
}
