package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The memory of a machine that is suspended: a snapshot in the machine's directory, which goes with it. Its disk is the
 * machine's own, by another name. It is good for one time, and gone before the machine goes on: what has been written to
 * the disk since would not be what the memory knows.
 *
 * @param files the machine's
 */
public record Suspension(MachineFiles files) {

    /** What the one snapshot is called. */
    public static final String NAME = "memory";

    /** Returns whether there is one. It is whole then: it gets its name last. */
    public boolean exists() {
        return Files.isDirectory(files.suspension().resolve(NAME));
    }

    /** Opens the store that has nothing but this one in it. */
    public SnapshotStore store() throws FcvmException {
        return SnapshotStore.in(files.suspension());
    }

    /** Returns it, checked. */
    public Snapshot find() throws FcvmException {
        Snapshot found = store().find(NAME);
        SnapshotCheck.check(found);
        return found;
    }

    /**
     * Takes it away; a machine that has its files open goes on with them. It loses its name first: nobody who is killed
     * meanwhile leaves half of it, for a whole one.
     */
    public void forget() throws FcvmException {
        try {
            if (exists()) {
                Path gone =
                        files.suspension().resolve(".gone-" + MachineId.random().value());
                Files.move(files.suspension().resolve(NAME), gone, StandardCopyOption.ATOMIC_MOVE);
            }
            DirectoryTree.delete(files.suspension());
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot delete " + files.suspension() + ": " + IoReason.of(failure), failure);
        }
    }
}
