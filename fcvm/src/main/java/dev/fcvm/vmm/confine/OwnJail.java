package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.confine.Mounts;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.host.process.Tool;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The confinement fcvm makes itself, without the jailer and without root: for every rootless machine, and for QEMU in
 * both modes. The monitor's root is a read-only tree with nothing in it but what it needs; a program that needs the
 * host's libraries gets those, read-only.
 */
public final class OwnJail {

    private static final String SCRIPT = "own.sh";
    private static final String TUN = "net/tun";
    /** Without nodev: device nodes are what it is for. */
    private static final String DEV_OPTIONS = "mode=0755,nosuid,noexec,size=4k,nr_inodes=16";

    private static final int BLOCK_BYTES = 512;
    private static final List<String> ALWAYS = List.of("dev/null", "dev/urandom");
    private static final List<String> LIBRARIES =
            List.of("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc/ld.so.cache", "etc/alternatives");
    /** By them the script finds umount(8) once the host's files lie in "old", and nothing afterwards. */
    private static final List<String> LINKS = List.of("usr", "bin", "sbin", "lib", "lib64", "proc");

    private OwnJail() {}

    /**
     * Makes a jail.
     *
     * @param journal the machine's
     * @param monitor what the user knows the program by
     * @param program an absolute path
     * @param devices below {@code /dev}, those that are there and this user may open are handed in
     * @param overheadMib what it needs beside the guest's memory
     * @param tap whether the machine's network has a {@linkplain Tap tap}
     * @param handedIn further files it may read
     * @param documents further texts it may read, as files; behind those
     */
    public static Jail prepare(
            VmSpec spec,
            Journal journal,
            String monitor,
            Path program,
            List<String> devices,
            Confinement confinement,
            int overheadMib,
            boolean tap,
            List<Path> handedIn,
            List<String> documents)
            throws FcvmException, InterruptedException {
        Jail.check(monitor, program);
        for (String tool : List.of("setpriv", "mount", "umount", "pivot_root")) {
            Tool.named(tool, tool.endsWith("mount") ? "mount" : "util-linux").require();
        }
        try (JailBuilder builder = new JailBuilder(spec, journal, overheadMib)) {
            boolean privileged = spec.isolation() == VmSpec.Isolation.PRIVILEGED;
            String user = privileged ? Integer.toString(builder.takeUser(confinement.users())) : "";
            Namespaces namespaces = Namespaces.PRIVILEGED;
            String groups = "--clear-groups";
            if (!privileged) {
                RootlessUser own = rootless(spec, program, devices, tap, handedIn);
                namespaces = own.namespaces();
                groups = own.groups();
            }
            Path tree = Files.createDirectory(builder.directory.resolve("tree"));
            Mounts mounts = new Mounts(tree);
            mounts.bindRoot();
            List<String> files = new ArrayList<>();
            Path inside = programIn(tree, mounts, files, program);
            VmSpec seen = builder.bind(mounts, files);
            List<Path> more = new ArrayList<>(handedIn);
            for (int index = 0; index < documents.size(); index++) {
                more.add(builder.document("document" + index, documents.get(index)));
            }
            List<Path> handed = builder.hand(mounts, files, more);
            List<String> nodes = devicesIn(devices, tap);
            if (privileged) {
                mounts.memory("dev", DEV_OPTIONS);
            } else {
                for (String device : nodes) {
                    mounts.bind(Path.of("/", device), device, false);
                    files.add(device);
                }
                nodes = List.of();
            }
            plant(tree, files);
            open(tree);
            List<String> words = new ArrayList<>(List.of(
                    JailBuilder.shell(),
                    builder.script(SCRIPT).toString(),
                    tree.toString(),
                    builder.write(mounts).toString(),
                    builder.pipe("loaded").toString(),
                    builder.pipe("gone").toString(),
                    Integer.toString(builder.limits.files()),
                    Long.toString(builder.limits.fileBytes() / BLOCK_BYTES),
                    user,
                    groups));
            words.addAll(builder.network(tap));
            words.addAll(nodes);
            words.addAll(List.of("--", inside.toString()));
            return builder.built(namespaces, words, program, seen, handed, Path.of("/"));
        } catch (IOException e) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, "cannot prepare the confinement of %s: %s".formatted(monitor, e), e);
        }
    }

    private static RootlessUser rootless(
            VmSpec spec, Path program, List<String> devices, boolean tap, List<Path> handedIn)
            throws FcvmException, InterruptedException {
        List<Path> written = new ArrayList<>(spec.exchange().stream().toList());
        List<Path> read = new ArrayList<>(List.of(program, spec.kernel(), spec.initramfs()));
        read.addAll(handedIn);
        for (VmSpec.Drive drive : spec.drives()) {
            (drive.readOnly() ? read : written).add(drive.file());
        }
        devicesIn(devices, tap).forEach(device -> written.add(Path.of("/", device)));
        return RootlessUser.of(written, read);
    }

    private static List<String> devicesIn(List<String> wanted, boolean tap) {
        List<String> devices = new ArrayList<>(ALWAYS);
        for (String device : Stream.concat(wanted.stream(), tap ? Stream.of(TUN) : Stream.empty())
                .toList()) {
            Path file = Path.of("/dev", device);
            if (Files.isReadable(file) && Files.isWritable(file)) {
                devices.add("dev/" + device);
            }
        }
        return devices;
    }

    /** Binds the program, and the host's libraries if it needs them; returns its name inside. */
    private static Path programIn(Path tree, Mounts mounts, List<String> files, Path program) throws IOException {
        Path real = Confinement.real(program);
        if (ProgramFile.runsAlone(real)) {
            String name = "monitor";
            mounts.bind(real, name, true);
            files.add(name);
            return Path.of("/", name);
        }
        for (String library : LIBRARIES) {
            Path source = Path.of("/", library);
            Path target = tree.resolve(library);
            Files.createDirectories(target.getParent());
            if (Files.isSymbolicLink(source)) {
                Files.createSymbolicLink(target, Files.readSymbolicLink(source));
            } else if (Files.isDirectory(source)) {
                Files.createDirectory(target);
                mounts.bind(source, library, true);
            } else if (Files.exists(source)) {
                mounts.bind(source, library, true);
                files.add(library);
            }
        }
        if (real.startsWith("/usr")) {
            return program.startsWith("/usr") ? program : real;
        }
        // A program in a place of its own has its data there: PREFIX/bin/PROGRAM and PREFIX/share.
        Path prefix = Optional.ofNullable(real.getParent()).map(Path::getParent).orElse(real);
        boolean installed = Files.isDirectory(prefix.resolve("share").resolve("qemu"));
        Path handed = installed ? prefix : real;
        String name = handed.toString().substring(1);
        if (installed) {
            Files.createDirectories(tree.resolve(name));
            mounts.bind(handed, name, true);
        } else {
            mounts.bind(handed, name, true);
            files.add(name);
        }
        return real;
    }

    /** Lets the machine's user into the tree, whatever root's umask is; nobody gets to it from outside. */
    private static void open(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path directory : all.filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private static void plant(Path tree, String file) throws IOException {
        Path point = tree.resolve(file);
        Files.createDirectories(point.getParent());
        if (file.endsWith("/")) {
            Files.createDirectory(point);
        } else {
            Files.createFile(point);
        }
    }

    /** Makes what is mounted on, and the links. */
    private static void plant(Path tree, List<String> files) throws IOException {
        for (String file : files) {
            int link = file.indexOf(JailBuilder.LINK);
            if (link > 0) {
                Files.createSymbolicLink(tree.resolve(file.substring(0, link)), Path.of(file.substring(link + 1)));
            } else {
                plant(tree, file);
            }
        }
        for (String directory : List.of(Jail.SOCKETS, "dev")) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.createDirectory(tree.resolve("old"));
        for (String link : LINKS) {
            Path point = tree.resolve(link);
            if (!Files.exists(point, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(point, Path.of("old", link));
            }
        }
    }
}
