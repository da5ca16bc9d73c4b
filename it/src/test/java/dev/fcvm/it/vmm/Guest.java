package dev.fcvm.it.vmm;

import dev.fcvm.host.MachineId;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The files of tiny guests: a kernel, and an initial file system of busybox and a script that does one thing.
 *
 * @param place where they are made
 * @param kernel the kernel
 * @param initramfs the file system
 */
record Guest(Place place, Path kernel, Path initramfs) {

    static final String PLAN = "{\"version\":1,\"name\":\"contract\"}";

    /**
     * Makes one.
     *
     * @param modules an uncompressed initial file system with the kernel's modules in it, or one that has none
     * @param vsock whether what echoes over the link does so over vsock
     */
    static Guest make(Place place, Path kernel, List<Path> modules, boolean vsock) throws IOException {
        Path tree = place.directory("tree");
        Files.createDirectories(tree.resolve("bin"));
        for (String directory : List.of("dev", "proc", "sys")) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(Path.of("/bin/busybox"), tree.resolve("bin/busybox"));
        Path init = tree.resolve("init");
        try (InputStream script = Objects.requireNonNull(Guest.class.getResourceAsStream("init.sh"))) {
            Files.copy(script, init);
        }
        Child.of("chmod", "755", init.toString()).run().expect(0);
        if (vsock) {
            for (String name : List.of("vsock-echo.pl", "metadata-token.pl")) {
                try (InputStream script = Objects.requireNonNull(Guest.class.getResourceAsStream(name))) {
                    Files.copy(script, tree.resolve(name));
                }
            }
            program(tree, "/usr/bin/perl");
        }
        Path initramfs = place.root().resolve("initramfs.img");
        Path own = place.root().resolve("own.cpio");
        Child.of("sh", "-c", "cd '%s' && find . | busybox cpio -o -H newc >'%s'".formatted(tree, own))
                .run()
                .expect(0);
        // The kernel unpacks one archive after the other; a file of the later one replaces the earlier one's.
        try (OutputStream all = Files.newOutputStream(initramfs)) {
            for (Path archive : modules) {
                Files.copy(archive, all);
            }
            Files.copy(own, all);
        }
        return new Guest(place, kernel, initramfs);
    }

    /** Copies a program of the host with the libraries it needs. */
    private static void program(Path tree, String program) {
        Child.of(
                        "sh",
                        "-c",
                        "for file in \"$2\" $(ldd \"$2\" | grep -o '/[^ ]*'); do"
                                + " mkdir -p \"$1${file%/*}\" && cp -L \"$file\" \"$1$file\" || exit 1; done",
                        "sh",
                        tree.toString(),
                        program)
                .run()
                .expect(0);
    }

    /** Returns the text of one of the guest's scripts. */
    static String script(String name) {
        try (InputStream script = Objects.requireNonNull(Guest.class.getResourceAsStream(name), name)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Describes a machine that does this. */
    VmSpec doing(String test) {
        return doing(test, List.of());
    }

    /** Describes a machine that does this with these disks. */
    VmSpec doing(String test, List<VmSpec.Drive> drives) {
        MachineId id = MachineId.random();
        return new VmSpec(
                        id,
                        place.directory(id.value()),
                        place.directory(id.brief()),
                        kernel,
                        initramfs,
                        List.of("quiet", "test=" + test),
                        1,
                        256,
                        drives,
                        PLAN,
                        VmSpec.Isolation.ROOTLESS)
                .exchanging(place.directory(id.brief() + ".exchange"));
    }
}
