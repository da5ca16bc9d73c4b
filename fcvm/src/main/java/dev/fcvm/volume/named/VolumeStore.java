package dev.fcvm.volume.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.ext4.ImageWriter;
import dev.fcvm.volume.ext4.JournalFlush;
import dev.fcvm.volume.ext4.SourceTree;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The user's named volumes: a directory each, with its disk, what is known of it, and a file for each machine that has it.
 * One machine may write to a volume, or many may read it.
 */
public final class VolumeStore {

    /** Where nothing is said. The file takes of the host what is written to it. */
    private static final DataSize STANDARD = new DataSize(10L << 30);

    private static final DataSize LEAST = new DataSize(16L << 20);
    private static final String HIDDEN = ".new-";
    private static final String RECORD = "volume.json";
    private static final String WRITES = "rw";
    private static final String READS = "ro";

    /** Machines that only read it may run as another user; nobody else gets as far as its directory. */
    static final String DISK_MODE = "rw-r--r--";

    private final Path root;
    private final Clock clock;

    /**
     * @param root where they lie
     */
    public VolumeStore(Path root, Clock clock) {
        this.root = root;
        this.clock = clock;
    }

    /** A volume as it is now. */
    public record Found(VolumeRecord what, Path disk, List<MachineId> machines) {}

    static Path claims(Path volume) {
        return volume.resolve("machines");
    }

    private Path directory(VolumeName name) {
        return root.resolve(name.value());
    }

    private static Path disk(Path volume) {
        return volume.resolve("disk.ext4");
    }

    /** Taken by whoever makes or removes a volume, or gives one to a machine. */
    private LockFile lock() throws FcvmException, IOException, InterruptedException {
        PrivateDirectories.require(root);
        return LockFile.exclusive(root.resolve(".lock"));
    }

    private interface Work<T> {
        T run() throws FcvmException, IOException, InterruptedException;
    }

    private <T> T locked(String what, Work<T> work) throws FcvmException, InterruptedException {
        try (LockFile _ = lock()) {
            return work.run();
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot " + what + " in " + root + ": " + IoReason.of(failure)
                            + "; look at the disk space and the permissions there",
                    failure);
        }
    }

    /**
     * Makes one.
     *
     * @param existing whether one that is there will do; it grows then, if it is smaller
     * @throws FcvmException when there is one of this name, or no room for it
     */
    public void create(VolumeName name, Optional<DataSize> size, List<String> labels, boolean existing)
            throws FcvmException, InterruptedException {
        locked("make volume " + name, () -> {
            Path there = directory(name);
            if (Files.exists(there)) {
                if (existing) {
                    if (size.isPresent() && machines(there).isEmpty()) {
                        grow(there, size.get());
                    }
                    return there;
                }
                throw new FcvmException(
                        Kind.IN_USE, "volume with name " + name + " already exists: volume already exists");
            }
            return make(name, size.orElse(STANDARD), labels);
        });
    }

    /** Returns how a volume's disk is laid out. */
    static ImageWriter.Options layout(long bytes) {
        byte[] uuid = new byte[16];
        new SecureRandom().nextBytes(uuid);
        return new ImageWriter.Options(bytes, true, uuid, "fcvm-volume", id -> id, id -> id);
    }

    /** Lets a volume grow that no machine has; the next machine that writes to it lets its file system follow. */
    private static void grow(Path directory, DataSize size) throws FcvmException, IOException {
        Path disk = disk(directory);
        if (size.bytes() <= Files.size(disk)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), size.bytes() - 1);
            channel.force(true);
        }
        VolumeRecord what = read(directory).what();
        AtomicFiles.write(
                directory.resolve(RECORD),
                Jsonb.instance()
                        .type(VolumeRecord.class)
                        .toJson(new VolumeRecord(
                                what.version(), what.name(), what.created(), size.bytes(), what.labels())));
    }

    /**
     * Takes a volume for work on its disk; no machine gets it until that is given back.
     *
     * @param alone whether machines that read it are in the way
     * @throws FcvmException when a machine is in the way, or other work
     */
    LockFile hold(VolumeName name, boolean alone) throws FcvmException, InterruptedException {
        return locked("take volume " + name, () -> {
            Path directory = existing(name);
            for (MachineId machine : machines(directory)) {
                boolean writes =
                        claim(claims(directory).resolve(machine.value())).orElse(false);
                if (alone || writes) {
                    throw inUse(name, machine, writes);
                }
            }
            LockFile held = atWork(directory, name);
            boolean ready = false;
            try {
                // What a machine that was killed had been promised is put in its place.
                JournalFlush.run(disk(directory));
                ready = true;
                return held;
            } finally {
                if (!ready) {
                    held.close();
                }
            }
        });
    }

    private static LockFile atWork(Path directory, VolumeName name) throws FcvmException, IOException {
        return LockFile.tryExclusive(directory.resolve(".work"))
                .orElseThrow(() -> new FcvmException(
                        Kind.IN_USE, "volume " + name + " is being exported or imported; try again when that is done"));
    }

    private static FcvmException inUse(VolumeName name, MachineId machine, boolean writes) {
        return new FcvmException(
                Kind.IN_USE,
                "volume " + name + " is in use by machine " + machine.brief()
                        + (writes ? ", which may write to it" : ", which reads it")
                        + "; a volume has one machine that writes, or several that read (:ro)");
    }

    private Path make(VolumeName name, DataSize size, List<String> labels) throws FcvmException, IOException {
        if (size.bytes() < LEAST.bytes()) {
            throw new FcvmException(
                    Kind.USAGE, "volume " + name + " cannot be made: it must have " + LEAST + " or more");
        }
        return make(name, size.bytes(), labels, making -> {
            Path empty = Files.createDirectory(making.resolve("empty"));
            Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rwxr-xr-x"));
            ImageWriter.Options layout = layout(size.bytes());
            ImageWriter.write(
                    disk(making),
                    SourceTree.directory(empty),
                    new ImageWriter.Options(layout.size(), true, layout.uuid(), layout.label(), id -> 0, id -> 0));
            Files.delete(empty);
            Files.setPosixFilePermissions(disk(making), PosixFilePermissions.fromString(DISK_MODE));
        });
    }

    /** Puts a disk into the directory of a new volume. */
    private interface DiskMaker {
        void into(Path volume) throws FcvmException, IOException;
    }

    /** The disk comes last: what was to become one is where it was, when anything before it fails. */
    private Path make(VolumeName name, long bytes, List<String> labels, DiskMaker disk)
            throws FcvmException, IOException {
        Path making = Files.createTempDirectory(
                root, HIDDEN, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        boolean made = false;
        try {
            Files.createDirectory(claims(making));
            var what = new VolumeRecord(
                    VolumeRecord.VERSION, name.value(), clock.instant().toString(), bytes, labels);
            Files.writeString(
                    making.resolve(RECORD),
                    Jsonb.instance().type(VolumeRecord.class).toJson(what));
            disk.into(making);
            Files.move(making, directory(name), StandardCopyOption.ATOMIC_MOVE);
            made = true;
            return directory(name);
        } finally {
            if (!made) {
                DirectoryTree.delete(making);
            }
        }
    }

    /**
     * Makes one of a disk that is there, which is moved.
     *
     * @throws FcvmException when there is one of this name, or the disk cannot be moved
     */
    public void take(VolumeName name, Path disk, List<String> labels) throws FcvmException, InterruptedException {
        locked("make volume " + name + " of " + disk, () -> {
            if (Files.exists(directory(name))) {
                throw new FcvmException(
                        Kind.IN_USE, "volume with name " + name + " already exists: volume already exists");
            }
            return make(name, Files.size(disk), labels, making -> {
                Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString(DISK_MODE));
                Files.move(disk, disk(making), StandardCopyOption.ATOMIC_MOVE);
            });
        });
    }

    /** Returns all, in the order of their names. */
    public List<Found> list() throws FcvmException, InterruptedException {
        return locked("list the volumes", () -> {
            List<Path> directories = new ArrayList<>();
            try (DirectoryStream<Path> all = Files.newDirectoryStream(root)) {
                for (Path one : all) {
                    if (VolumeName.isOne(String.valueOf(one.getFileName()))) {
                        directories.add(one);
                    }
                }
            }
            directories.sort(null);
            List<Found> found = new ArrayList<>();
            for (Path directory : directories) {
                found.add(read(directory));
            }
            return found;
        });
    }

    /**
     * Finds one.
     *
     * @throws FcvmException when there is none
     */
    public Found find(VolumeName name) throws FcvmException, InterruptedException {
        return locked("find volume " + name, () -> read(existing(name)));
    }

    private Path existing(VolumeName name) throws FcvmException {
        Path directory = directory(name);
        if (!Files.isDirectory(directory)) {
            throw new FcvmException(Kind.NOT_FOUND, "no volume with name \"" + name + "\" found: no such volume");
        }
        return directory;
    }

    private static Found read(Path directory) throws FcvmException, IOException {
        Path file = directory.resolve(RECORD);
        try {
            VolumeRecord what = Jsonb.instance().type(VolumeRecord.class).fromJson(Files.readString(file));
            return new Found(what, disk(directory), machines(directory));
        } catch (RuntimeException damaged) {
            throw new FcvmException(Kind.HOST, file + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    /** Returns the machines that have it now; claims of those that are gone are forgotten. */
    private static List<MachineId> machines(Path directory) throws IOException {
        List<MachineId> machines = new ArrayList<>();
        try (DirectoryStream<Path> claims = Files.newDirectoryStream(claims(directory))) {
            for (Path claim : claims) {
                if (claim(claim).isPresent()) {
                    machines.add(new MachineId(String.valueOf(claim.getFileName())));
                }
            }
        }
        return machines;
    }

    /** Returns whether a claim is for writing; nothing when it is in force no more. */
    private static Optional<Boolean> claim(Path file) throws IOException {
        try {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() == 2 && Journal.isPending(Path.of(lines.get(1)))) {
                return Optional.of(lines.getFirst().equals(WRITES));
            }
            Files.deleteIfExists(file);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /**
     * Gives one to a machine, and makes it if it is not there.
     *
     * @param journal of the machine
     * @return its disk
     * @throws FcvmException when another machine has it
     */
    Path attach(VolumeName name, Optional<DataSize> size, boolean readOnly, MachineId machine, Journal journal)
            throws FcvmException, InterruptedException {
        return locked("give volume " + name + " to a machine", () -> {
            Path directory =
                    Files.isDirectory(directory(name)) ? directory(name) : make(name, size.orElse(STANDARD), List.of());
            for (MachineId other : machines(directory)) {
                boolean writes = claim(claims(directory).resolve(other.value())).orElse(false);
                if (!other.equals(machine) && (writes || !readOnly)) {
                    throw inUse(name, other, writes);
                }
            }
            try (LockFile _ = atWork(directory, name)) {
                if (size.isPresent() && !readOnly) {
                    grow(directory, size.get());
                }
                var claim = new VolumeClaim(directory, machine);
                journal.acquire(claim);
                // What a machine that was killed had been promised is put in its place.
                JournalFlush.run(disk(directory));
                Files.writeString(claim.file(), (readOnly ? READS : WRITES) + "\n" + journal.file() + "\n");
                return disk(directory);
            }
        });
    }

    /**
     * Removes one that no machine has.
     *
     * @throws FcvmException when there is none, or a machine has it
     */
    public void remove(VolumeName name) throws FcvmException, InterruptedException {
        locked("remove volume " + name, () -> {
            Path directory = existing(name);
            List<MachineId> machines = machines(directory);
            if (!machines.isEmpty()) {
                throw new FcvmException(
                        Kind.IN_USE,
                        "volume " + name + " is being used by the following machine(s): "
                                + String.join(
                                        ", ",
                                        machines.stream().map(MachineId::brief).toList())
                                + ": volume is being used");
            }
            Path going = Files.createTempDirectory(root, HIDDEN);
            Files.move(directory, going.resolve("volume"), StandardCopyOption.ATOMIC_MOVE);
            DirectoryTree.delete(going);
            return directory;
        });
    }
}
