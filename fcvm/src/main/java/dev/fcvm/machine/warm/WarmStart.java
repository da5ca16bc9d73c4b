package dev.fcvm.machine.warm;

import dev.fcvm.settings.DataSize;
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

    /** Returns the same for a machine that boots after all. */
    public WarmStart without() {
        return new WarmStart(key, Optional.empty(), diskSize);
    }
}
