package dev.fcvm.cli.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotDraft;
import dev.fcvm.snapshot.SnapshotStore;

/** Saves machines under a name. */
public final class Saved {

    private Saved() {}

    /** Saves one; the snapshot is there, whole, when this returns, and not at all when it fails. */
    public static Snapshot save(Machine machine, SnapshotStore store, String name, Settings settings)
            throws FcvmException, InterruptedException {
        store.checkFree(name);
        try (SnapshotDraft draft = store.begin()) {
            return draft.publish(machine.save(draft, name, settings));
        }
    }
}
