package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.settings.Directories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The machines of a user, as files: a directory each, with a lock held by whoever supervises it, and a file for each
 * name. Making and removing happen under one lock of the store, so that nobody sees a machine half made.
 */
public final class MachineStore {

    private static final int NAME_ATTEMPTS = 100;

    private final Directories directories;
    private final MachineReader reader = new MachineReader();

    /** Opens the store; makes its directories when they are missing. */
    public static MachineStore open(Directories directories) throws FcvmException {
        PrivateDirectories.require(directories.data());
        PrivateDirectories.require(directories.machines());
        PrivateDirectories.require(directories.names());
        PrivateDirectories.require(directories.runtime());
        return new MachineStore(directories);
    }

    private MachineStore(Directories directories) {
        this.directories = directories;
    }

    /**
     * Makes a machine's directories, takes its lock and its name.
     *
     * @param wanted its name, or nothing for a made-up one
     * @throws FcvmException when the name is taken
     */
    public OwnedMachine create(Optional<MachineName> wanted) throws FcvmException, InterruptedException {
        return create(wanted, false);
    }

    /** Makes one that is nobody's yet, and waits in a pool: it is in no list until what it is is written down. */
    public OwnedMachine createPooled() throws FcvmException, InterruptedException {
        return create(Optional.empty(), true);
    }

    private OwnedMachine create(Optional<MachineName> wanted, boolean pooled)
            throws FcvmException, InterruptedException {
        MachineId id = MachineId.random();
        MachineFiles files = files(id);
        try (LockFile _ = storeLock()) {
            MachineName name = wanted.isPresent() ? claim(wanted.get(), id) : claimAny(id);
            return make(files, name, pooled);
        } catch (IOException failure) {
            throw failed("make machine " + id.brief(), failure);
        }
    }

    private OwnedMachine make(MachineFiles files, MachineName name, boolean pooled) throws FcvmException, IOException {
        try {
            PrivateDirectories.require(files.directory());
            if (pooled) {
                Files.createFile(files.pooled());
            }
            PrivateDirectories.require(files.sockets());
            PrivateDirectories.require(files.monitor());
            LockFile lock = LockFile.tryExclusive(files.lock())
                    .orElseThrow(() -> new IOException("its lock is taken, which a fresh machine's cannot be"));
            return OwnedMachine.of(this, files, name, lock);
        } catch (FcvmException | IOException failure) {
            files.delete();
            release(name, files.id());
            throw failure;
        }
    }

    /**
     * Takes over a machine whose owner is gone.
     *
     * @return nothing when somebody supervises it, or it is gone
     */
    public Optional<OwnedMachine> adopt(StoredMachine machine) throws FcvmException, InterruptedException {
        // Under the store's lock: a machine that is just being made has a directory, but its lock is not taken yet.
        try (LockFile _ = storeLock()) {
            Optional<LockFile> lock = LockFile.tryExclusive(machine.files().lock());
            return lock.isPresent()
                    ? Optional.of(OwnedMachine.of(this, machine.files(), machine.name(), lock.get()))
                    : Optional.empty();
        } catch (NoSuchFileException gone) {
            return Optional.empty(); // another sweep has taken it away since it was listed
        } catch (IOException failure) {
            throw failed("lock machine " + machine.files().id().brief(), failure);
        }
    }

    /**
     * Returns whether somebody supervises a machine. Whoever adopts one or makes one meanwhile waits: the lock that is
     * tried here for a moment must not look like that of a supervisor.
     */
    public boolean isSupervised(StoredMachine machine) throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock();
                LockFile free = LockFile.tryExclusive(machine.files().lock()).orElse(null)) {
            return free == null;
        } catch (NoSuchFileException gone) {
            return true; // taken away since it was listed: nobody has left it to anybody
        } catch (IOException failure) {
            throw failed("look at the lock of machine " + machine.files().id().brief(), failure);
        }
    }

    /** Returns whether there is something of this machine. */
    public boolean has(MachineId id) {
        return Files.isDirectory(files(id).directory());
    }

    /** Returns every machine there is, oldest first; none that waits in a pool. */
    public List<StoredMachine> list() throws FcvmException {
        return all().stream().filter(machine -> !machine.isPooled()).toList();
    }

    /** The same, with those that wait in pools. */
    List<StoredMachine> all() throws FcvmException {
        List<MachineId> all = ids("");
        reader.keepOnly(all);
        return read(all);
    }

    /** Returns the ids that begin so, of the machines there are. */
    private List<MachineId> ids(String beginning) throws FcvmException {
        List<MachineId> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directories.machines())) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (name.startsWith(beginning) && MachineFiles.isId(name)) {
                    ids.add(new MachineId(name));
                }
            }
        } catch (IOException failure) {
            throw failed("list the machines in " + directories.machines(), failure);
        }
        return ids;
    }

    private List<StoredMachine> read(List<MachineId> ids) {
        List<StoredMachine> machines = new ArrayList<>();
        for (MachineId id : ids) {
            machines.add(reader.read(files(id)));
        }
        machines.sort((left, right) -> left.created().compareTo(right.created()));
        return machines;
    }

    /**
     * Finds a machine by its name, its id or the unmistakable beginning of its id.
     *
     * @throws FcvmException when there is none, or more than one
     */
    public StoredMachine find(String reference) throws FcvmException {
        // Only what may be meant is read: there may be hundreds.
        Optional<StoredMachine> named = named(reference);
        if (named.isPresent()) {
            return named.get();
        }
        List<StoredMachine> matches = read(reference.isEmpty() ? List.of() : ids(reference)).stream()
                .filter(machine -> !machine.isPooled())
                .toList();
        if (matches.size() == 1) {
            return matches.getFirst();
        }
        throw new FcvmException(
                FcvmException.Kind.NOT_FOUND,
                matches.isEmpty()
                        ? "there is no machine \"" + reference + "\"; see them with: fcvm ps -a"
                        : "\"" + reference + "\" is the beginning of " + matches.size() + " ids; give more of it");
    }

    /** Returns the machine of this name, if there is one. */
    private Optional<StoredMachine> named(String name) throws FcvmException {
        if (!MachineName.isWellFormed(name)) {
            return Optional.empty();
        }
        try {
            String id = Files.readString(directories.names().resolve(name)).strip();
            return MachineFiles.isId(id)
                    ? read(List.of(new MachineId(id))).stream()
                            .filter(machine -> machine.name().value().equals(name))
                            .findFirst()
                    : Optional.empty();
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException failure) {
            throw failed("read who has the name " + name, failure);
        }
    }

    /** Writes down a machine's new name. */
    @FunctionalInterface
    interface Renaming {
        void write() throws FcvmException;
    }

    /** Takes a name for a machine and gives up the one it has had; a machine that is killed between has both. */
    void rename(MachineFiles files, MachineName from, MachineName to, Renaming renaming)
            throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock()) {
            Path file = directories.names().resolve(to.value());
            // One that was killed while it was renamed so has that name already.
            boolean has = !from.equals(to)
                    && Files.exists(file)
                    && Files.readString(file).strip().equals(files.id().value());
            if (!has) {
                claim(to, files.id());
            }
            boolean written = false;
            try {
                renaming.write();
                written = true;
            } finally {
                release(written ? from : to, files.id());
            }
        } catch (IOException failure) {
            throw failed("rename machine " + files.id().brief(), failure);
        }
    }

    /** Removes everything of a machine from the file system, its name last. */
    void remove(MachineFiles files, MachineName name) throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock()) {
            files.delete();
            release(name, files.id());
        } catch (IOException failure) {
            throw failed("remove machine " + files.id().brief(), failure);
        }
    }

    /** Returns where fcvm keeps things. */
    public Directories directories() {
        return directories;
    }

    /**
     * Removes names whose machine is gone: whoever made or removed it was killed before the last step.
     *
     * @param machines how many there are; no more names than that are looked at no further
     */
    void sweepNames(int machines) throws FcvmException, InterruptedException {
        try (Stream<Path> names = Files.list(directories.names())) {
            if (names.count() <= machines) {
                return;
            }
        } catch (IOException failure) {
            throw failed("list the names in " + directories.names(), failure);
        }
        try (LockFile _ = storeLock();
                DirectoryStream<Path> names = Files.newDirectoryStream(directories.names())) {
            for (Path name : names) {
                if (isStale(name)) {
                    Files.deleteIfExists(name);
                }
            }
        } catch (IOException failure) {
            throw failed("list the names in " + directories.names(), failure);
        }
    }

    private MachineName claimAny(MachineId id) throws FcvmException, IOException {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
            MachineName name = MachineName.random(random);
            if (tryClaim(name, id)) {
                return name;
            }
        }
        return claim(new MachineName(MachineName.random(random) + "_" + id.brief()), id);
    }

    private MachineName claim(MachineName name, MachineId id) throws FcvmException, IOException {
        if (tryClaim(name, id)) {
            return name;
        }
        Path file = directories.names().resolve(name.value());
        if (isStale(file)) {
            Files.deleteIfExists(file);
            if (tryClaim(name, id)) {
                return name;
            }
        }
        String holder = Files.readString(file).strip();
        throw new FcvmException(
                FcvmException.Kind.IN_USE,
                "the name \"" + name + "\" is already in use by machine "
                        + holder.substring(0, Math.min(12, holder.length())) + "; remove it with: fcvm rm " + name
                        + ", or choose another name");
    }

    private boolean tryClaim(MachineName name, MachineId id) throws IOException {
        try {
            Files.writeString(
                    directories.names().resolve(name.value()),
                    id.value() + "\n",
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        }
    }

    private void release(MachineName name, MachineId id) throws IOException {
        Path file = directories.names().resolve(name.value());
        try {
            if (Files.readString(file).strip().equals(id.value())) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException gone) {
            // Somebody has swept the name already, which is all we want.
            return;
        }
    }

    /** A name is stale when its machine's directory is gone. Only to be asked under the store's lock. */
    private boolean isStale(Path name) throws IOException {
        String holder;
        try {
            holder = Files.readString(name).strip();
        } catch (NoSuchFileException gone) {
            return false;
        }
        return !MachineFiles.isId(holder)
                || !Files.isDirectory(directories.machines().resolve(holder));
    }

    private LockFile storeLock() throws IOException, InterruptedException {
        return LockFile.exclusive(directories.data().resolve("machines.lock"));
    }

    /** Returns where a machine's files lie, whether there are any or not. */
    public MachineFiles files(MachineId id) {
        return new MachineFiles(
                id,
                directories.machines().resolve(id.value()),
                directories.runtime().resolve(id.brief()));
    }

    private static FcvmException failed(String what, IOException failure) {
        return new FcvmException(
                FcvmException.Kind.HOST,
                "cannot " + what + ": " + failure.getMessage() + "; look at the disk space and the permissions there",
                failure);
    }
}
