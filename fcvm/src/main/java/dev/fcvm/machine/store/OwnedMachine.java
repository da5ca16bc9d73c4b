package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.net.NetworkResources;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.confine.ConfinementResources;
import dev.fcvm.volume.set.MachineMappings;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine in the hands of its supervisor, who holds its lock. Closing removes everything of it, unless it is to be
 * kept.
 */
public final class OwnedMachine implements AutoCloseable {

    private final MachineStore store;
    private final MachineFiles files;
    private volatile MachineName name;
    private final LockFile lock;
    private final Journal journal;
    private boolean kept;
    private boolean letGo;

    private OwnedMachine(MachineStore store, MachineFiles files, MachineName name, LockFile lock, Journal journal) {
        this.store = store;
        this.files = files;
        this.name = name;
        this.lock = lock;
        this.journal = journal;
    }

    /** Makes one of a machine whose lock is held; it is closed with it, also when this fails. */
    static OwnedMachine of(MachineStore store, MachineFiles files, MachineName name, LockFile lock)
            throws FcvmException, IOException {
        boolean made = false;
        try {
            Journal journal = Journal.open(files.journal(), kinds(store));
            made = true;
            return new OwnedMachine(store, files, name, lock, journal);
        } finally {
            if (!made) {
                lock.close();
            }
        }
    }

    /** Returns how all that machines of this store have on the host is read back from their journals. */
    static List<ResourceKind> kinds(MachineStore store) {
        List<ResourceKind> kinds = new ArrayList<>(ConfinementResources.kinds());
        kinds.addAll(NetworkResources.kinds(store.directories()));
        kinds.addAll(MachineMappings.kinds());
        return kinds;
    }

    /** Returns what is written down of all it has on the host. Nobody else may open it. */
    public Journal journal() {
        return journal;
    }

    /** Returns where its files lie. */
    public MachineFiles files() {
        return files;
    }

    /** Returns its name. */
    public MachineName name() {
        return name;
    }

    /** Writes down what it is. */
    public void write(MachineSpec spec) throws FcvmException {
        write(
                "spec.json",
                () -> MachineFiles.write(
                        files.spec(), Jsonb.instance().type(MachineSpec.class).toJson(spec)));
    }

    /**
     * Gives it another name.
     *
     * @return what it is then
     * @throws FcvmException when another machine has the name; it keeps its own then
     */
    public MachineSpec rename(MachineSpec spec, MachineName fresh) throws FcvmException, InterruptedException {
        MachineSpec renamed = spec.renamed(fresh.value());
        store.rename(files, name, fresh, () -> write(renamed));
        name = fresh;
        return renamed;
    }

    /** Writes down where it stands. */
    public void write(MachineState state) throws FcvmException {
        write(
                "state.json",
                () -> MachineFiles.write(
                        files.state(),
                        Jsonb.instance().type(StateDocument.class).toJson(StateDocument.of(state))));
    }

    /** Writes down by what its monitor is found again. */
    public void write(VmHandle handle) throws FcvmException {
        write("vm.json", () -> MachineFiles.write(files.handle(), handle.toJson()));
    }

    /** It waits in a pool no more: what it is is written down. */
    public void leavePool() throws FcvmException {
        write("pooled", () -> Files.deleteIfExists(files.pooled()));
    }

    /** Its monitor has ended. */
    public void forgetHandle() throws FcvmException {
        write("vm.json", () -> Files.deleteIfExists(files.handle()));
    }

    /** Leaves its directory and its name in place when it is closed. */
    public void keep() {
        kept = true;
    }

    /** Leaves everything of it in place when it is closed, for another process to go on with. */
    public void letGo() {
        letGo = true;
    }

    private void write(String what, Write action) throws FcvmException {
        try {
            action.run();
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot write " + what + " in " + files.directory() + ": " + failure.getMessage()
                            + "; look at the disk space and the permissions there",
                    failure);
        }
    }

    private interface Write {
        void run() throws IOException;
    }

    @Override
    public void close() throws FcvmException {
        try (lock) {
            if (!letGo) {
                // An interruption says that the run is to end, and this is a part of its end: it must not stop here.
                Uninterrupted.run(this::clearAway);
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot clear away machine " + files.id().brief() + ": " + failure.getMessage(),
                    failure);
        }
    }

    private void clearAway() throws FcvmException, IOException, InterruptedException {
        // What could not be taken back is written down in the directory: the next sweep tries again.
        if (kept || Sweep.isOwing(this)) {
            DirectoryTree.delete(files.sockets());
        } else {
            store.remove(files, name);
        }
    }
}
