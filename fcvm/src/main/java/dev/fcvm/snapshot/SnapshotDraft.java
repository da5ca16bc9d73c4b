package dev.fcvm.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.file.SparseFiles;
import dev.fcvm.snapshot.SnapshotManifest.SnapshotFile;
import dev.fcvm.vmm.VmSnapshot;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A snapshot that is being made. Closing takes it away, unless it was published. Machines can be made of it before that,
 * as long as it is open.
 */
public final class SnapshotDraft implements AutoCloseable {

    private static final String OWN = "rw-------";
    /** A machine of root's has a user of its own; nobody else gets into the directory. */
    private static final String MONITORS = "rw-r--r--";

    private final SnapshotStore store;
    private final Path directory;
    private final String id;
    private final LockFile lock;
    private final List<String> disks = new ArrayList<>();
    private boolean published;

    SnapshotDraft(SnapshotStore store, Path directory, String id, LockFile lock) {
        this.store = store;
        this.directory = directory;
        this.id = id;
        this.lock = lock;
    }

    /** Returns the id it will have. */
    public String id() {
        return id;
    }

    /**
     * Takes the machine's disks, which nobody may write to meanwhile.
     *
     * @param rootfs the root file system that the guest has
     * @param mapped the disks of its mappings, by the names they are to have
     */
    public void takeDisks(Path scratch, Path rootfs, Map<String, MappedDisk> mapped) throws FcvmException {
        try {
            SparseFiles.copy(scratch, directory.resolve(Snapshot.SCRATCH));
            link(rootfs, directory.resolve(Snapshot.ROOTFS));
            for (Map.Entry<String, MappedDisk> one : mapped.entrySet()) {
                one.getValue().into(directory.resolve(one.getKey()));
            }
            disks.addAll(mapped.keySet());
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    /** The same of a machine that does not go on before its snapshot is used: its disk stays its own, by another name. */
    public void shareDisks(Path scratch, Path rootfs) throws FcvmException {
        try {
            Files.createLink(directory.resolve(Snapshot.SCRATCH), scratch);
            link(rootfs, directory.resolve(Snapshot.ROOTFS));
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    /** Large, and never changed in place: another name for it is as good as a copy. */
    private static void link(Path file, Path name) throws IOException {
        try {
            Files.createLink(name, file);
        } catch (IOException | UnsupportedOperationException otherDisk) {
            SparseFiles.copy(file, name);
            Files.setPosixFilePermissions(name, PosixFilePermissions.fromString(MONITORS));
        }
    }

    /**
     * Takes the rest and describes it.
     *
     * @param saved what the monitor has written, which it could still write to: it is copied, and may be deleted then
     * @param spec what the machine is, as JSON
     * @param manifest without its files
     * @return what machines can be made of
     */
    public Snapshot complete(Path saved, String spec, SnapshotManifest manifest) throws FcvmException {
        try {
            List<SnapshotFile> files = new ArrayList<>();
            for (String name : List.of(VmSnapshot.STATE, VmSnapshot.MEMORY)) {
                Path file = create(name);
                files.add(described(name, ContentDigest.copying(saved.resolve(name), file)));
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(PrivateDirectories.currentUser() == 0 ? MONITORS : OWN));
            }
            Files.writeString(create(Snapshot.SPEC), spec);
            for (String name : Stream.concat(Stream.of(Snapshot.SCRATCH, Snapshot.SPEC), disks.stream())
                    .toList()) {
                files.add(described(name, ContentDigest.of(directory.resolve(name))));
            }
            files.add(rootfs(directory.resolve(Snapshot.ROOTFS)));
            return new Snapshot(directory, manifest.with(manifest.name(), files));
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    /** Read-only for all who use it: whether it was written to is enough to know, and quicker than its checksum. */
    static SnapshotFile rootfs(Path file) throws IOException {
        return new SnapshotFile(
                Snapshot.ROOTFS,
                Files.size(file),
                "written:" + Files.getLastModifiedTime(file).toInstant());
    }

    private Path create(String name) throws IOException {
        return Files.createFile(
                directory.resolve(name), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWN)));
    }

    private SnapshotFile described(String name, String digest) throws IOException {
        return new SnapshotFile(name, Files.size(directory.resolve(name)), digest);
    }

    /**
     * Takes all of it from a file that came from another host; each of its files is checked.
     *
     * @param spec what the machine is on this host, as JSON
     * @param name what it is to be called
     * @param image where the image's disk is put
     * @param fixed which of the mappings' disks no machine writes to
     * @param floor what must stay free of the disk, in bytes
     */
    public Snapshot take(ArchiveReader from, String spec, String name, Path image, Predicate<String> fixed, long floor)
            throws FcvmException {
        SnapshotManifest manifest = from.head().manifest();
        try {
            Map<String, SnapshotFile> described = new HashMap<>();
            manifest.files().forEach(file -> described.put(file.name(), file));
            if (!described.keySet().containsAll(Snapshot.CHECKED) || !described.containsKey(Snapshot.ROOTFS)) {
                throw new IOException("the manifest does not name all of its files");
            }
            List<SnapshotFile> files = new ArrayList<>();
            for (String large : SnapshotArchive.large(manifest)) {
                if (large.equals(SnapshotArchive.IMAGE)) {
                    Files.createFile(image);
                    from.file(large, image, from.head().imageSize(), from.head().imageDisk(), floor);
                    continue;
                }
                SnapshotFile file = Objects.requireNonNull(described.get(large), large);
                boolean root = large.equals(Snapshot.ROOTFS);
                Path there = create(large);
                from.file(large, there, file.size(), root ? from.head().rootfs() : file.digest(), floor);
                boolean shared = root || !large.equals(Snapshot.SCRATCH);
                Files.setPosixFilePermissions(
                        there,
                        fixed.test(large)
                                ? MappedDisk.SHARED
                                : PosixFilePermissions.fromString(
                                        shared && PrivateDirectories.currentUser() == 0 ? MONITORS : OWN));
                files.add(root ? rootfs(there) : file);
            }
            Files.writeString(create(Snapshot.SPEC), spec);
            files.add(described(Snapshot.SPEC, ContentDigest.of(directory.resolve(Snapshot.SPEC))));
            return new Snapshot(directory, manifest.with(name, files));
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    /** Deletes a directory in it that was for others. */
    public void forget(Path own) throws FcvmException {
        store.discard(own);
    }

    /** Returns the directory in which it is made, which goes with it when it is not published. */
    public Path directory() {
        return directory;
    }

    /** Forces it to the disk and gives it its name: from now on it is there, whole. */
    public Snapshot publish(Snapshot complete) throws FcvmException, InterruptedException {
        try {
            for (String name : complete.checked()) {
                AtomicFiles.force(directory.resolve(name));
            }
            AtomicFiles.write(
                    directory.resolve(Snapshot.MANIFEST),
                    Jsonb.instance().type(SnapshotManifest.class).toJsonPretty(complete.manifest()));
            AtomicFiles.write(
                    directory.resolve(Snapshot.MANIFEST_SUM), ContentDigest.of(directory.resolve(Snapshot.MANIFEST)));
            // What was just written need not be read again before the first machine is made of it.
            new Checked(directory).write(complete.checked());
        } catch (IOException failure) {
            throw failed(failure);
        }
        Snapshot named = store.publish(directory, complete.manifest());
        published = true;
        return named;
    }

    private static FcvmException failed(IOException failure) {
        return SnapshotStore.failed("make the snapshot", failure);
    }

    @Override
    public void close() throws FcvmException {
        try (lock) {
            if (!published) {
                store.discard(directory);
            }
        } catch (IOException failure) {
            throw failed(failure);
        }
    }
}
