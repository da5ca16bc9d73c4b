package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.EventLog;
import dev.fcvm.machine.event.MachineEvent;
import dev.fcvm.machine.spec.MachineSpec;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What all machines of a user have in common.
 *
 * @param store where they lie
 * @param events where it is written down what happens to them
 * @param exits how they ended that are gone
 * @param clock for their records
 * @param log is told in one line what nobody is there to hear
 */
public record World(MachineStore store, EventLog events, ExitRecords exits, Clock clock, Consumer<String> log) {

    /** Writes down that something happened to a machine. What cannot be written down has happened all the same. */
    public void happened(Action action, OwnedMachine machine, MachineSpec spec, Map<String, String> details) {
        var event = new MachineEvent(
                clock.instant(),
                action,
                machine.files().id().value(),
                machine.name().value(),
                spec.image(),
                spec.labels(),
                details);
        boolean interrupted = Thread.interrupted();
        try {
            events.write(event);
        } catch (FcvmException unwritten) {
            log.accept(String.valueOf(unwritten.getMessage()));
        } catch (InterruptedException again) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Writes down what happened to a machine. */
    public void happened(Action action, OwnedMachine machine, MachineSpec spec) {
        happened(action, machine, spec, Map.of());
    }

    /** Remembers how a machine ended that is about to be gone. */
    public void remember(OwnedMachine machine, int code) {
        try {
            exits.write(new EndRecord(
                    machine.files().id().value(),
                    machine.name().value(),
                    code,
                    clock.instant().toString()));
        } catch (FcvmException | IOException unwritten) {
            log.accept("how machine " + machine.name() + " ended cannot be written down: " + unwritten.getMessage());
        }
    }
}
