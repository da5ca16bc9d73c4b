package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.confine.MachineUser;
import dev.fcvm.host.confine.Mounts;
import dev.fcvm.host.file.NamedPipes;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The steps of making a jail that all kinds have alike. Closing it before it is {@linkplain #built built} undoes them. */
final class JailBuilder implements AutoCloseable {

    private static final Set<PosixFilePermission> FOR_ALL = PosixFilePermissions.fromString("rw-r--r--");

    /** Run by the other scripts, beside which it lies. */
    private static final String NETWORK_SCRIPT = "network.sh";

    /** What may be anybody's file and closed to the machine's user, and is small. */
    private static final Set<String> COPIED = Set.of("kernel", "initramfs");

    /** A monitor makes three sockets, which take no block. */
    private static final String SOCKETS_OPTIONS = "mode=0700,nodev,nosuid,noexec,size=4k,nr_inodes=16";

    /** Between the name of a link in the tree and where it leads. */
    static final String LINK = "=";

    /** The name of what the host shares, without its slash. */
    private static final String EXCHANGE = VmSpec.EXCHANGE.substring(1);

    final VmSpec spec;
    final Limits limits;
    final Path directory;
    private final Journal journal;
    private Optional<MachineUser> user = Optional.empty();
    private boolean done;

    /**
     * Begins.
     *
     * @param journal where everything is written down before it is made
     * @param overheadMib what the monitor itself needs beside the guest's memory
     */
    JailBuilder(VmSpec spec, Journal journal, int overheadMib) throws FcvmException {
        this.spec = spec;
        this.journal = journal;
        this.limits = Limits.of(spec, overheadMib);
        this.directory = Jail.directory(spec.directory());
        journal.acquire(new JailTree(directory.toAbsolutePath().normalize()));
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Gives a privileged machine a user, who may then write to its disks. */
    int takeUser(UserRange range) throws FcvmException, InterruptedException {
        MachineUser taken = MachineUser.claim(spec.id(), range, MachineUser.Purpose.MONITOR, journal);
        user = Optional.of(taken);
        try {
            for (VmSpec.Drive drive : spec.drives()) {
                if (!drive.readOnly()) {
                    own(drive.file(), taken.number());
                }
            }
            if (spec.exchange().isPresent()) {
                own(spec.exchange().get(), taken.number());
            }
        } catch (IOException e) {
            throw failed(e);
        }
        return taken.number();
    }

    private void own(Path file, int number) throws FcvmException, IOException {
        FileOwner before = FileOwner.of(file, spec.directory());
        journal.acquire(before);
        before.give(number);
    }

    /** Puts one of this room's scripts where the shell and whoever looks at the processes finds it. */
    Path script(String name) throws FcvmException {
        try (InputStream in = Objects.requireNonNull(JailBuilder.class.getResourceAsStream(name), name)) {
            Path script = directory.resolve(name);
            Files.copy(in, script);
            return script;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Writes a text that the monitor may read; it holds no secret. */
    Path document(String name, String text) throws FcvmException {
        try {
            Path file = Files.writeString(directory.resolve(name), text);
            // The machine's own user reads it, too; nobody else gets into this directory.
            Files.setPosixFilePermissions(file, FOR_ALL);
            return file;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Makes a named pipe. */
    Path pipe(String name) throws FcvmException {
        try {
            Path pipe = directory.resolve(name);
            NamedPipes.create(pipe);
            return pipe;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Binds the machine's files into the tree and returns its description with their names there.
     *
     * @param points the names are added here, those of directories with a slash at the end, those of links with
     *     {@value #LINK} and where they lead
     */
    VmSpec bind(Mounts mounts, List<String> points) throws FcvmException {
        shared(mounts, points, spec.kernel(), "kernel");
        shared(mounts, points, spec.initramfs(), "initramfs");
        List<VmSpec.Drive> drives = new ArrayList<>();
        for (int i = 0; i < spec.drives().size(); i++) {
            VmSpec.Drive drive = spec.drives().get(i);
            String name = String.valueOf(Jail.disk(i).getFileName());
            if (drive.later()) {
                points.add(name + LINK + EXCHANGE + "/" + inExchange(drive));
            } else if (drive.readOnly()) {
                shared(mounts, points, drive.file(), name);
            } else {
                mounts.bind(drive.file(), name, false);
                points.add(name);
            }
            drives.add(new VmSpec.Drive(Jail.disk(i), drive.readOnly(), drive.later()));
        }
        // A monitor that is taken over may do there what it likes: no file of the host's is in reach, nor its disk.
        mounts.memory(
                Jail.SOCKETS, SOCKETS_OPTIONS + user.map(MachineUser::options).orElse(""));
        if (spec.exchange().isPresent()) {
            mounts.bind(spec.exchange().get(), EXCHANGE, false);
            points.add(EXCHANGE + "/");
        }
        Path sockets = Path.of("/", Jail.SOCKETS);
        return new VmSpec(
                spec.id(),
                sockets,
                sockets,
                Path.of("/kernel"),
                Path.of("/initramfs"),
                spec.bootArguments(),
                spec.vcpus(),
                spec.memoryMib(),
                drives,
                spec.plan(),
                spec.isolation(),
                spec.network(),
                spec.limits(),
                spec.exchange().map(_ -> Path.of(VmSpec.EXCHANGE)),
                spec.tracked(),
                spec.yielding(),
                spec.spareCard());
    }

    /** The host puts another file there, which the monitor opens by the same name as in every other jail. */
    private Path inExchange(VmSpec.Drive drive) {
        Path exchange = spec.exchange().orElseThrow();
        if (!exchange.equals(drive.file().getParent())) {
            throw new IllegalArgumentException(drive.file() + " is not in " + exchange);
        }
        return drive.file().getFileName();
    }

    /** Binds further files, read-only, and returns their names in the tree. */
    List<Path> hand(Mounts mounts, List<String> points, List<Path> files) throws FcvmException {
        List<Path> names = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            String name = "file" + i;
            shared(mounts, points, files.get(i), name);
            names.add(Path.of("/", name));
        }
        return names;
    }

    /** Binds a file that other machines use as well, so that nothing about it is changed. */
    private void shared(Mounts mounts, List<String> points, Path file, String name) throws FcvmException {
        try {
            boolean readable =
                    user.isEmpty() || Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
            if (!readable && !COPIED.contains(name)) {
                throw new FcvmException(
                        Kind.HOST,
                        "the machine's user cannot read %s: allow it with: chmod o+r %s".formatted(file, file));
            }
            mounts.bind(readable ? file : copied(file, name), name, true);
            points.add(name);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private Path copied(Path file, String name) throws IOException {
        Path copy = directory.resolve(name);
        Files.copy(file, copy);
        Files.setPosixFilePermissions(copy, FOR_ALL);
        return copy;
    }

    /**
     * Writes down what is done to the machine's network.
     *
     * @param tap whether there is a tap; a network needs one
     * @return the files for ip(8) and nft(8); an empty name for what there is not
     */
    List<String> network(boolean tap) throws FcvmException {
        if (!tap) {
            return List.of("", "");
        }
        Tool.named("ip", "iproute2").require();
        script(NETWORK_SCRIPT);
        // Without a user of its own the monitor is the namespace's root, or the host's.
        String making = Tap.commands(user.map(MachineUser::number).orElse(0), spec.network());
        String links = write("network", making);
        if (spec.network().isEmpty()) {
            return List.of(links, "");
        }
        Tool.named("nft", "nftables").require();
        return List.of(links, write("rules", spec.network().get().rules()));
    }

    private String write(String name, String text) throws FcvmException {
        try {
            return Files.writeString(directory.resolve(name), text).toString();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Writes the mounts down. */
    Path write(Mounts mounts) throws FcvmException {
        try {
            return Files.writeString(directory.resolve("mounts"), mounts.fstab());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Hands everything over to the jail. */
    Jail built(Namespaces namespaces, List<String> words, Path program, VmSpec inside, List<Path> handed, Path root) {
        Jail jail = new Jail(namespaces, words, program, inside, handed, root, spec.id(), limits);
        done = true;
        return jail;
    }

    FcvmException failed(IOException why) {
        return new FcvmException(
                Kind.HOST,
                "cannot prepare the confinement of machine %s: %s"
                        .formatted(spec.id().brief(), why),
                why);
    }

    /** Returns where the shell lies. */
    static String shell() throws FcvmException {
        return Tool.named("sh", "dash").require().toString();
    }

    @Override
    public void close() throws FcvmException {
        if (!done) {
            journal.releaseAll(ConfinementResources::isOne);
        }
    }
}
