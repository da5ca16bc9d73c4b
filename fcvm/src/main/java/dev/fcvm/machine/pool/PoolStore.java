package dev.fcvm.machine.pool;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.AtomicFiles;
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
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The pools of a user, as files: by each one's name what it is to be, how it stands, and a lock that whoever keeps it holds.
 * What is not there reads as nothing.
 */
public final class PoolStore {

    private static final String RECORD = ".json";
    private static final String STATUS = ".status";
    private static final String LOCK = ".lock";

    private final Directories directories;

    /** Names them; does nothing. */
    public PoolStore(Directories directories) {
        this.directories = directories;
    }

    private Path file(String name, String kind) {
        return directories.pools().resolve(name + kind);
    }

    private LockFile storeLock() throws IOException, InterruptedException {
        return LockFile.exclusive(directories.data().resolve("pools.lock"));
    }

    /** Writes a new one down. */
    void create(PoolRecord pool) throws FcvmException, InterruptedException {
        PrivateDirectories.require(directories.data());
        PrivateDirectories.require(directories.pools());
        Path file = file(PoolRecord.checkName(pool.name()), RECORD);
        try (LockFile _ = storeLock()) {
            if (Files.exists(file)) {
                throw new FcvmException(
                        Kind.IN_USE,
                        "there is a pool \"" + pool.name() + "\" already; remove it with: fcvm pool rm " + pool.name()
                                + ", or choose another name");
            }
            AtomicFiles.write(file, Jsonb.instance().type(PoolRecord.class).toJson(pool));
        } catch (IOException failure) {
            throw failed("make the pool " + pool.name(), failure);
        }
    }

    /** Takes away what is written down of one that nobody keeps. */
    void remove(String name) throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock()) {
            Files.deleteIfExists(file(name, RECORD));
            Files.deleteIfExists(file(name, STATUS));
            Files.deleteIfExists(file(name, LOCK));
        } catch (IOException failure) {
            throw failed("remove the pool " + name, failure);
        }
    }

    /**
     * Takes the lock of one that this process is to keep.
     *
     * @return nothing when another process keeps it, or it is gone
     */
    Optional<LockFile> own(String name) throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock()) {
            return Files.exists(file(name, RECORD)) ? LockFile.tryExclusive(file(name, LOCK)) : Optional.empty();
        } catch (IOException failure) {
            throw failed("lock the pool " + name, failure);
        }
    }

    /** Writes down how one stands. */
    void write(String name, PoolStatus status) throws FcvmException {
        try {
            AtomicFiles.write(
                    file(name, STATUS), Jsonb.instance().type(PoolStatus.class).toJson(status));
        } catch (IOException failure) {
            throw failed("write down how the pool " + name + " stands", failure);
        }
    }

    /**
     * Finds one.
     *
     * @throws FcvmException when there is none, or what is written down of it cannot be read
     */
    public PoolRecord find(String name) throws FcvmException {
        if (!PoolRecord.isName(name) || !Files.exists(file(name, RECORD))) {
            throw new FcvmException(Kind.NOT_FOUND, "there is no pool \"" + name + "\"; see them with: fcvm pool ls");
        }
        try {
            PoolRecord pool = Jsonb.instance().type(PoolRecord.class).fromJson(Files.readString(file(name, RECORD)));
            if (pool.version() == PoolRecord.VERSION && pool.isWhole()) {
                return pool;
            }
        } catch (IOException | JsonException | NullPointerException | IllegalArgumentException unreadable) {
            throw damaged(name, unreadable);
        }
        throw damaged(name, new IOException("it has another layout"));
    }

    private static FcvmException damaged(String name, Exception why) {
        return new FcvmException(
                Kind.HOST,
                "what is written down of the pool " + name + " cannot be read: " + why.getMessage()
                        + "; remove it with: fcvm pool rm " + name,
                why);
    }

    /** Returns whether there is one of this name, whole or not. */
    public boolean has(String name) {
        return PoolRecord.isName(name) && Files.exists(file(name, RECORD));
    }

    /** Returns the names of all there are, in order. */
    public List<String> names() throws FcvmException {
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(directories.pools())) {
            return names;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directories.pools(), "*" + RECORD)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                String plain = name.substring(0, name.length() - RECORD.length());
                if (PoolRecord.isName(plain)) {
                    names.add(plain);
                }
            }
        } catch (IOException failure) {
            throw failed("list the pools in " + directories.pools(), failure);
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }

    /** Returns how one stands, whoever keeps it. */
    public PoolView view(PoolRecord pool) throws FcvmException, InterruptedException {
        return PoolView.of(pool, status(pool.name()));
    }

    private PoolStatus status(String name) throws FcvmException, InterruptedException {
        try (LockFile _ = storeLock();
                LockFile free = LockFile.tryExclusive(file(name, LOCK)).orElse(null)) {
            return free == null
                    ? Jsonb.instance().type(PoolStatus.class).fromJson(Files.readString(file(name, STATUS)))
                    : PoolStatus.UNKEPT;
        } catch (NoSuchFileException early) {
            return new PoolStatus(0, 0, "", List.of()); // its keeper has just begun
        } catch (IOException | JsonException unreadable) {
            throw new FcvmException(
                    Kind.HOST, "cannot read how the pool " + name + " stands: " + unreadable.getMessage(), unreadable);
        }
    }

    /** Returns the snapshots that machines of pools go on from. */
    public Set<String> used() throws FcvmException {
        return readable().stream().map(PoolRecord::snapshot).collect(Collectors.toSet());
    }

    /** Returns the pools whose machines go on from this snapshot. */
    public List<String> usersOf(String snapshot) throws FcvmException {
        return readable().stream()
                .filter(pool -> pool.snapshot().equals(snapshot))
                .map(PoolRecord::name)
                .toList();
    }

    private List<PoolRecord> readable() throws FcvmException {
        List<PoolRecord> pools = new ArrayList<>();
        for (String name : names()) {
            readable(name).ifPresent(pools::add);
        }
        return pools;
    }

    private Optional<PoolRecord> readable(String name) {
        try {
            return Optional.of(find(name));
        } catch (FcvmException damaged) {
            return Optional.empty(); // it is said to whoever wants something of it, and uses nothing
        }
    }

    /** Refuses to remove a snapshot that a pool uses. */
    public void refuseUsed(String snapshot) throws FcvmException {
        List<String> users = usersOf(snapshot);
        if (!users.isEmpty()) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "the snapshot " + snapshot + " is used by the pool " + String.join(", ", users)
                            + "; remove that first: fcvm pool rm " + String.join(" ", users));
        }
    }

    private static FcvmException failed(String what, IOException failure) {
        return new FcvmException(
                Kind.HOST,
                "cannot " + what + ": " + IoReason.of(failure) + "; look at the disk space and the permissions there",
                failure);
    }
}
