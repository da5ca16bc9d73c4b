package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.disk.DiskWatch;
import dev.fcvm.machine.session.RunListener;

/**
 * Tells the user, and whoever lists machines, that a machine is paused for want of space on the host's disk.
 *
 * @param standing where the machine stands
 * @param listener who hears of it
 */
record DiskPauses(Standing standing, RunListener listener) implements DiskWatch.Listener {

    @Override
    public void warn(String line) {
        listener.warn(line);
    }

    @Override
    public boolean pauses() {
        try {
            return standing.standsStill(DiskWatch.REASON);
        } catch (FcvmException full) {
            listener.warn(String.valueOf(full.getMessage())); // what ps shows hangs on it, and nothing else
            return true;
        }
    }

    @Override
    public void resumed() {
        try {
            standing.movesAgain(DiskWatch.REASON);
        } catch (FcvmException full) {
            listener.warn(String.valueOf(full.getMessage()));
        }
    }
}
