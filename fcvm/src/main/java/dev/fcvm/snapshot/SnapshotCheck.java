package dev.fcvm.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.CpuModel;
import dev.fcvm.snapshot.SnapshotManifest.SnapshotFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Says whether a machine can be made of a snapshot here: before anything is. */
public final class SnapshotCheck {

    private SnapshotCheck() {}

    /**
     * Checks that its files are those that were written, and that this host is one it can go on on. The monitor checks its
     * own version itself.
     *
     * @throws FcvmException with what is wrong, in one line
     */
    public static void check(Snapshot snapshot) throws FcvmException {
        checkHost(snapshot);
        checkFiles(snapshot, false);
    }

    /** Reads every byte of its files, whether that has been done before or not. */
    public static void read(Snapshot snapshot) throws FcvmException {
        checkFiles(snapshot, true);
    }

    /** Returns whether two disks of an image are the same to a guest that has mounted one of them. */
    public static boolean isSame(Path one, Path other) throws IOException {
        return ContentDigest.of(one).equals(ContentDigest.of(other));
    }

    private static void checkHost(Snapshot snapshot) throws FcvmException {
        String saved = snapshot.manifest().cpu();
        String here;
        try {
            here = CpuModel.ofHost().text();
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST, "cannot ask which processor this host has: " + IoReason.of(unreadable), unreadable);
        }
        if (!saved.equals(here)) {
            throw new FcvmException(
                    Kind.HOST,
                    "the snapshot " + snapshot.name() + " was made on another processor, " + saved
                            + ", and this host has " + here + "; make it anew here");
        }
    }

    private static void checkFiles(Snapshot snapshot, boolean anew) throws FcvmException {
        String name = snapshot.name();
        Set<String> described = new HashSet<>();
        try {
            for (SnapshotFile file : snapshot.manifest().files()) {
                boolean known =
                        snapshot.checked().contains(file.name()) || file.name().equals(Snapshot.ROOTFS);
                if (!known || !described.add(file.name())) {
                    throw SnapshotStore.damaged(name, "its manifest names a file that no snapshot has");
                }
                Path there = snapshot.directory().resolve(file.name());
                if (Files.size(there) != file.size()) {
                    throw SnapshotStore.damaged(
                            name, file.name() + " has " + Files.size(there) + " bytes, and had " + file.size());
                }
            }
            if (!described.containsAll(Snapshot.CHECKED)
                    || !snapshot.manifest().files().contains(SnapshotDraft.rootfs(snapshot.rootfs()))) {
                throw SnapshotStore.damaged(name, "not all of its files are those that were written");
            }
            var checked = new Checked(snapshot.directory());
            if (!anew && checked.includes(snapshot.checked())) {
                return;
            }
            for (SnapshotFile file : snapshot.manifest().files()) {
                if (!file.name().equals(Snapshot.ROOTFS)
                        && !ContentDigest.of(snapshot.directory().resolve(file.name()))
                                .equals(file.digest())) {
                    throw SnapshotStore.damaged(name, file.name() + " is not what was saved: its checksum differs");
                }
            }
            checked.write(snapshot.checked());
        } catch (NoSuchFileException missing) {
            throw SnapshotStore.damaged(name, Path.of(missing.getFile()).getFileName() + " is missing");
        } catch (IOException unreadable) {
            throw SnapshotStore.damaged(name, "it cannot be read: " + IoReason.of(unreadable));
        }
    }
}
