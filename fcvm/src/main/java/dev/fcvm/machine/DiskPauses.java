package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.disk.DiskWatch;
import java.time.Clock;

/**
 * Tells the user, and whoever lists machines, that a machine is paused for want of space on the host's disk.
 *
 * @param machine the machine
 * @param running as which it was written down before
 * @param listener who hears of it
 * @param clock for the machine's records
 */
record DiskPauses(OwnedMachine machine, MachineState.Running running, RunListener listener, Clock clock)
        implements DiskWatch.Listener {

    @Override
    public void warn(String line) {
        listener.warn(line);
    }

    @Override
    public void paused() {
        write(running.paused(DiskWatch.REASON, clock.instant()));
    }

    @Override
    public void resumed() {
        write(running.paused(DiskWatch.REASON, clock.instant()).running(clock.instant()));
    }

    private void write(MachineState state) {
        try {
            machine.write(state);
        } catch (FcvmException full) {
            listener.warn(String.valueOf(full.getMessage())); // what ps shows hangs on it, and nothing else
        }
    }
}
