package dev.fcvm.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.settings.Directories;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A user's snapshots: a directory each, under its name. One is made aside and gets its name when it is whole, and loses it
 * before it goes; what a killed process has left aside is cleared away by the next who makes or lists any.
 */
public final class SnapshotStore {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final String FRESH = ".new-";
    private static final String GONE = ".gone-";
    private static final String LOCK = "lock";
    private static final long MOST_MANIFEST = 1 << 20;

    private final Path directory;

    private SnapshotStore(Path directory) {
        this.directory = directory;
    }

    /** Opens it; makes its directory when that is missing. */
    public static SnapshotStore open(Directories directories) throws FcvmException {
        PrivateDirectories.require(directories.snapshots());
        return new SnapshotStore(directories.snapshots());
    }

    /** Opens that of warm bases, which are snapshots as well, and nobody's but fcvm's. */
    public static SnapshotStore warmBases(Directories directories) throws FcvmException {
        PrivateDirectories.require(directories.warmBases());
        return new SnapshotStore(directories.warmBases());
    }

    /** Opens one in a directory of the caller's; makes it when it is missing. */
    public static SnapshotStore in(Path directory) throws FcvmException {
        PrivateDirectories.require(directory);
        return new SnapshotStore(directory);
    }

    /** Refuses a name that could not be one of a directory here. */
    public static String checkName(String name) throws FcvmException {
        if (!NAME.matcher(name).matches()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "\"" + name
                            + "\" is no name for a snapshot: it must be letters, digits, '_', '.' and '-', the first"
                            + " a letter or digit, at most 128");
        }
        return name;
    }

    /** Refuses a name that is taken. */
    public void checkFree(String name) throws FcvmException {
        checkName(name);
        if (Files.exists(directory.resolve(name))) {
            throw taken(name);
        }
    }

    /** Begins a snapshot, which nobody sees before it is {@linkplain SnapshotDraft#publish published}. */
    public SnapshotDraft begin() throws FcvmException, InterruptedException {
        String id = MachineId.random().value();
        Path fresh = directory.resolve(FRESH + id);
        try (LockFile _ = storeLock()) {
            sweep();
            PrivateDirectories.require(fresh);
            LockFile lock = LockFile.tryExclusive(fresh.resolve(LOCK))
                    .orElseThrow(() -> new IOException("its lock is taken, which a fresh one's cannot be"));
            return new SnapshotDraft(this, fresh, id, lock);
        } catch (IOException failure) {
            throw failed("make a snapshot in " + directory, failure);
        }
    }

    /** Gives a whole one its name. */
    Snapshot publish(Path fresh, SnapshotManifest manifest) throws FcvmException, InterruptedException {
        Path target = directory.resolve(checkName(manifest.name()));
        try (LockFile _ = storeLock()) {
            if (Files.exists(target)) {
                throw taken(manifest.name());
            }
            Files.deleteIfExists(fresh.resolve(LOCK));
            AtomicFiles.forceDirectory(fresh);
            AtomicFiles.move(fresh, target);
            return new Snapshot(target, manifest);
        } catch (IOException failure) {
            throw failed("keep the snapshot " + manifest.name(), failure);
        }
    }

    /** Returns whether there is one of this name, whole or not. */
    public boolean has(String name) {
        return Files.isDirectory(directory.resolve(name));
    }

    /**
     * Finds one by its name.
     *
     * @throws FcvmException when there is none, or its manifest cannot be read
     */
    public Snapshot find(String name) throws FcvmException {
        if (!NAME.matcher(name).matches() || !Files.isDirectory(directory.resolve(name))) {
            throw new FcvmException(
                    Kind.NOT_FOUND, "there is no snapshot \"" + name + "\"; see them with: fcvm snapshot ls");
        }
        return new Snapshot(directory.resolve(name), manifest(name));
    }

    private SnapshotManifest manifest(String name) throws FcvmException {
        Path file = directory.resolve(name).resolve(Snapshot.MANIFEST);
        try {
            if (Files.size(file) > MOST_MANIFEST) {
                throw damaged(name, "its manifest is too large");
            }
            if (!ContentDigest.of(file).equals(Files.readString(file.resolveSibling(Snapshot.MANIFEST_SUM)))) {
                throw damaged(name, "its manifest is not what was written: its checksum differs");
            }
            SnapshotManifest manifest =
                    Jsonb.instance().type(SnapshotManifest.class).fromJson(Files.readString(file));
            if (manifest.version() != SnapshotManifest.VERSION) {
                throw damaged(
                        name,
                        "its manifest has layout " + manifest.version() + ", and this fcvm knows layout "
                                + SnapshotManifest.VERSION);
            }
            if (!manifest.name().equals(name)) {
                throw damaged(name, "its manifest is that of \"" + manifest.name() + "\"");
            }
            return manifest;
        } catch (NoSuchFileException missing) {
            throw damaged(name, "it has no manifest, or no checksum of that");
        } catch (IOException | JsonException | NullPointerException unreadable) {
            throw damaged(name, "its manifest cannot be read: " + unreadable.getMessage());
        }
    }

    /** The refusal of a snapshot that is not what it was. */
    static FcvmException damaged(String name, String why) {
        return new FcvmException(
                Kind.HOST,
                "the snapshot " + name + " cannot be used: " + why + "; remove it with: fcvm snapshot rm " + name);
    }

    /**
     * Returns the names of all there are, in order. What killed processes have left aside is cleared away.
     */
    public List<String> names() throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock();
                DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            sweep();
            var names = new ArrayList<String>();
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (NAME.matcher(name).matches() && Files.isDirectory(entry)) {
                    names.add(name);
                }
            }
            names.sort(Comparator.naturalOrder());
            return names;
        } catch (IOException failure) {
            throw failed("list the snapshots in " + directory, failure);
        }
    }

    /** Returns all whose manifest can be read, oldest first. */
    public List<Snapshot> list() throws FcvmException, InterruptedException {
        var all = new ArrayList<Snapshot>();
        for (String name : names()) {
            readable(name).ifPresent(all::add);
        }
        all.sort(Comparator.comparing(snapshot -> snapshot.manifest().created()));
        return all;
    }

    private Optional<Snapshot> readable(String name) {
        try {
            return Optional.of(find(name));
        } catch (FcvmException damaged) {
            return Optional.empty(); // found again by its name, and removed by it
        }
    }

    /** Removes one, whole or damaged. Machines that were made of it go on. */
    public void remove(String name) throws FcvmException, InterruptedException {
        Path there = directory.resolve(checkName(name));
        Path gone = directory.resolve(GONE + MachineId.random().value());
        try (LockFile _ = storeLock()) {
            AtomicFiles.move(there, gone);
            sweep();
        } catch (NoSuchFileException missing) {
            throw new FcvmException(
                    Kind.NOT_FOUND, "there is no snapshot \"" + name + "\"; see them with: fcvm snapshot ls");
        } catch (IOException failure) {
            throw failed("remove the snapshot " + name, failure);
        }
    }

    /** Clears away what nobody works on. Only under the store's lock. */
    private void sweep() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, ".*")) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (name.startsWith(GONE) || (name.startsWith(FRESH) && isAbandoned(entry))) {
                    DirectoryTree.delete(entry);
                }
            }
        }
    }

    private static boolean isAbandoned(Path fresh) throws IOException {
        try (LockFile free = LockFile.tryExclusive(fresh.resolve(LOCK)).orElse(null)) {
            return free != null;
        }
    }

    /** Takes back one that was not published. */
    void discard(Path fresh) throws FcvmException {
        try {
            DirectoryTree.delete(fresh);
        } catch (IOException failure) {
            throw failed("clear away " + fresh, failure);
        }
    }

    private LockFile storeLock() throws IOException, InterruptedException {
        return LockFile.exclusive(directory.resolveSibling(directory.getFileName() + ".lock"));
    }

    private static FcvmException taken(String name) {
        return new FcvmException(
                Kind.IN_USE,
                "there is a snapshot \"" + name + "\" already; remove it with: fcvm snapshot rm " + name
                        + ", or choose another name");
    }

    static FcvmException failed(String what, IOException failure) {
        return new FcvmException(
                Kind.HOST,
                "cannot " + what + ": " + IoReason.of(failure) + "; look at the disk space and the permissions there",
                failure);
    }
}
