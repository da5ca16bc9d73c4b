package dev.fcvm.machine.warm;

import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import java.util.Optional;

/**
 * How a machine could start without booting.
 *
 * @param key what it depends on
 * @param base what it starts from; its disk is a copy of that one's then. Nothing where there is none yet: one is made
 *     when the machine runs
 * @param diskSize the size of its disk
 */
public record WarmStart(WarmKey key, Optional<Snapshot> base, DataSize diskSize) {

    /** Returns whether its disk is what was free when it was made, because that is so little: another each time. */
    public boolean isOfWhatIsLeft(Settings settings) {
        return settings.diskSize().isEmpty() && diskSize.bytes() < DiskPlan.STANDARD.bytes();
    }

    /** Returns the same for a machine that boots after all. */
    public WarmStart without() {
        return new WarmStart(key, Optional.empty(), diskSize);
    }
}
