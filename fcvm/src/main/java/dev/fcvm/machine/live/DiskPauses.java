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
    public void paused() {
        write(true);
    }

    @Override
    public void resumed() {
        write(false);
    }

    private void write(boolean paused) {
        try {
            standing.standsStill(paused, DiskWatch.REASON);
        } catch (FcvmException full) {
            listener.warn(String.valueOf(full.getMessage())); // what ps shows hangs on it, and nothing else
        }
    }
}
