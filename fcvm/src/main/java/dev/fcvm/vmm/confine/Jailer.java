package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.confine.Mounts;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Firecracker's own jailer, for privileged machines. It gets the machine's tree, user and limits of files from us, and
 * does what only it does: it copies Firecracker, makes the device nodes, changes the root and the user, and becomes
 * Firecracker. Two things are done around it instead of by it. The namespaces are made by {@code unshare}: with its
 * {@code --new-pid-ns} nobody would learn Firecracker's exit code. And the cgroups are ours, the same for every monitor
 * and both versions.
 */
public final class Jailer {

    private static final long MIB = 1L << 20;
    private static final String SCRIPT = "jailer.sh";

    private Jailer() {}

    /**
     * Makes a jail that the jailer will enter.
     *
     * @param journal the machine's
     * @param firecracker the program, an absolute path
     * @param overheadMib what it needs beside the guest's memory
     * @param tap whether the machine's network has a {@linkplain Tap tap}
     * @param files further files it may read
     */
    public static Jail prepare(
            VmSpec spec,
            Journal journal,
            Path firecracker,
            Confinement confinement,
            int overheadMib,
            boolean tap,
            List<Path> files)
            throws FcvmException, InterruptedException {
        Jail.check("firecracker", firecracker);
        Path program = Confinement.real(firecracker);
        Path jailer = confinement.jailerOf(program);
        try (JailBuilder builder = new JailBuilder(spec, journal, overheadMib)) {
            int user = builder.takeUser(confinement.users());
            Path base = directory(builder);
            Path root = base.resolve(program.getFileName())
                    .resolve(spec.id().value())
                    .resolve("root");
            Mounts mounts = new Mounts(root);
            List<String> points = new ArrayList<>();
            VmSpec inside = builder.bind(mounts, points);
            List<Path> handed = builder.hand(mounts, points, files);
            List<String> words = new ArrayList<>(List.of(
                    JailBuilder.shell(),
                    builder.script(SCRIPT).toString(),
                    base.toString(),
                    root.toString(),
                    builder.write(mounts).toString(),
                    builder.pipe("gone").toString(),
                    Long.toString(size(builder, program))));
            words.addAll(builder.network(tap));
            words.addAll(points);
            words.addAll(List.of(
                    "--",
                    jailer.toString(),
                    "--id",
                    spec.id().value(),
                    "--exec-file",
                    program.toString(),
                    "--uid",
                    Integer.toString(user),
                    "--gid",
                    Integer.toString(user),
                    "--chroot-base-dir",
                    base.toString(),
                    "--resource-limit",
                    "no-file=" + builder.limits.files(),
                    "--resource-limit",
                    "fsize=" + builder.limits.fileBytes(),
                    "--"));
            return builder.built(Namespaces.PRIVILEGED, words, firecracker, inside, handed, root);
        }
    }

    private static Path directory(JailBuilder builder) throws FcvmException {
        try {
            return Files.createDirectory(builder.directory.resolve("base"));
        } catch (IOException e) {
            throw builder.failed(e);
        }
    }

    /** The jailer copies Firecracker into it; all else in there is mounted. */
    private static long size(JailBuilder builder, Path program) throws FcvmException {
        try {
            return Files.size(program) + MIB;
        } catch (IOException e) {
            throw builder.failed(e);
        }
    }
}
