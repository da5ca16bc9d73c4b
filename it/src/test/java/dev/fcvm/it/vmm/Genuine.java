package dev.fcvm.it.vmm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The genuine Firecracker the tests drive: FCVM_TEST_FIRECRACKER or FIRECRACKER_BIN names it, and
 * FCVM_TEST_FIRECRACKER_KERNEL a kernel that this host's KVM runs. Without them a test is skipped.
 */
final class Genuine {

    private Genuine() {}

    /** Returns the program. */
    static Path firecracker() {
        Optional<Path> program = Stream.of("FCVM_TEST_FIRECRACKER", "FIRECRACKER_BIN")
                .map(name -> Place.setting(name, ""))
                .filter(value -> !value.isEmpty())
                .map(Path::of)
                .findFirst();
        assumeTrue(program.isPresent(), "neither FCVM_TEST_FIRECRACKER nor FIRECRACKER_BIN names a Firecracker");
        return program.get().toAbsolutePath();
    }

    /** Returns the jailer beside it. */
    static Path jailer() {
        Path jailer = firecracker().resolveSibling("jailer");
        assumeTrue(Files.isExecutable(jailer), "there is no jailer beside " + firecracker());
        return jailer;
    }

    /** Returns the kernel. */
    static Path kernel() {
        String kernel = Place.setting("FCVM_TEST_FIRECRACKER_KERNEL", "");
        assumeTrue(!kernel.isEmpty(), "FCVM_TEST_FIRECRACKER_KERNEL names no kernel");
        assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "/dev/kvm may not be used");
        return Path.of(kernel).toAbsolutePath();
    }

    /** Makes a program of one line for the shell. */
    static Path script(Place place, String name, String line) {
        Path script = place.file(name, "#!/bin/sh\n" + line + "\n");
        Child.of("chmod", "755", script.toString()).run().expect(0);
        return script;
    }

    /** Makes the files of a guest that this Firecracker boots. */
    static Guest guest(Place place) {
        try {
            return Guest.make(place, kernel(), List.of(), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
