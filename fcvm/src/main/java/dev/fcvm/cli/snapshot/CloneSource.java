package dev.fcvm.cli.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotDraft;
import dev.fcvm.snapshot.SnapshotManifest;
import dev.fcvm.snapshot.SnapshotStore;
import java.util.Optional;

/**
 * What a clone goes on from: a snapshot, or a machine as it is now, which is saved for that and then forgotten. Closing
 * forgets it; machines that were made of it go on.
 */
final class CloneSource implements AutoCloseable {

    private final Machines machines;
    private final SnapshotStore store;
    private final Settings settings;
    private final String reference;
    private final Optional<String> named;
    private Optional<SnapshotDraft> draft = Optional.empty();
    private Optional<Snapshot> found = Optional.empty();

    CloneSource(Machines machines, SnapshotStore store, Settings settings, String reference, Optional<String> named) {
        this.machines = machines;
        this.store = store;
        this.settings = settings;
        this.reference = reference;
        this.named = named;
    }

    /** Finds it, and finds it good. */
    Snapshot find() throws FcvmException, InterruptedException {
        if (found.isEmpty()) {
            found = Optional.of(named.isPresent() ? ofMachine(named.get()) : either());
        }
        return found.get();
    }

    private Snapshot ofMachine(String name) throws FcvmException {
        Snapshot snapshot = store.find(name);
        SnapshotManifest manifest = snapshot.manifest();
        boolean isIts = manifest.machineName().equals(reference)
                || (!reference.isEmpty() && manifest.machine().startsWith(reference));
        if (!isIts) {
            throw new FcvmException(
                    Kind.USAGE,
                    "the snapshot " + name + " is of machine " + manifest.machineName() + ", not of " + reference);
        }
        return checked(snapshot);
    }

    private Snapshot either() throws FcvmException, InterruptedException {
        Optional<Machine> machine = machines.named(reference);
        if (machine.isPresent()) {
            SnapshotDraft fresh = store.begin();
            draft = Optional.of(fresh);
            return machine.get().save(fresh, "the state of " + machine.get().name(), settings);
        }
        if (store.names().contains(reference)) {
            return checked(store.find(reference));
        }
        throw new FcvmException(
                Kind.NOT_FOUND,
                "there is no machine and no snapshot \"" + reference + "\"; see them with: fcvm ps, fcvm snapshot ls");
    }

    private static Snapshot checked(Snapshot snapshot) throws FcvmException {
        SnapshotCheck.check(snapshot);
        return snapshot;
    }

    @Override
    public void close() throws FcvmException {
        if (draft.isPresent()) {
            draft.get().close();
        }
    }
}
