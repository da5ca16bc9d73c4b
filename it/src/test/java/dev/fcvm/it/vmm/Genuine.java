package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Lane;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.process.UnixSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The genuine Firecracker the tests drive: FCVM_TEST_FIRECRACKER or FIRECRACKER_BIN names it. Its guests' kernel is the
 * one that FCVM_TEST_FIRECRACKER_KERNEL names, else the base's, where this host's KVM runs that. Else a test is skipped.
 */
final class Genuine {

    private static final Duration EMULATED = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern VERSION = Pattern.compile("Firecracker v(\\S+)");

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

    /** Returns the driver of it, with all the time that an emulated KVM wants. */
    static FirecrackerVmm monitor() {
        return patient(new FirecrackerVmm(firecracker()));
    }

    /** Gives a driver all the time that an emulated KVM wants, where this is one. */
    static FirecrackerVmm patient(FirecrackerVmm vmm) {
        return Lane.isKvmEmulated() ? vmm.givenAtLeast(EMULATED) : vmm;
    }

    /** Returns the jailer beside it. */
    static Path jailer() {
        Path jailer = firecracker().resolveSibling("jailer");
        assumeTrue(Files.isExecutable(jailer), "there is no jailer beside " + firecracker());
        return jailer;
    }

    /** Returns the kernel. */
    static Path kernel() {
        Optional<Path> named = named();
        if (named.isPresent()) {
            assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "/dev/kvm may not be used");
            return named.get();
        }
        // In the lane that is about an ordinary KVM the lack of one is a failure, and told by what needs it.
        if (!Lane.current().isOnKvm()) {
            Optional<String> reason = Lane.noKvm();
            assumeTrue(
                    reason.isEmpty(),
                    () -> "FCVM_TEST_FIRECRACKER_KERNEL names no kernel, and the base's cannot be used: "
                            + reason.orElseThrow());
        }
        return Fcvm.base().resolve("vmlinux");
    }

    /** Says whether it is the base's, which tells its monitor all that a distribution's kernel tells. */
    static boolean bootsBasesKernel() {
        return named().isEmpty();
    }

    private static Optional<Path> named() {
        String kernel = Place.setting("FCVM_TEST_FIRECRACKER_KERNEL", "");
        return kernel.isEmpty() ? Optional.empty() : Optional.of(Path.of(kernel).toAbsolutePath());
    }

    /** Returns the initial file systems with the modules that the kernel needs; the tests' own kernel needs none. */
    static List<Path> modules() {
        return named().isPresent() ? List.of() : List.of(Fcvm.base().resolve("initramfs.img"));
    }

    /**
     * Makes a stand-in for a Firecracker of another version: the genuine one with another number in its text, and the
     * jailer beside it. What it can do stays the same. Aborts the test, saying why, where it tells the genuine one's.
     *
     * @param version no longer than the genuine one's
     */
    static Path standIn(Place place, String version) throws IOException {
        Path genuine = firecracker();
        Matcher said = VERSION.matcher(
                Child.of(genuine.toString(), "--version").run().expect(0).out());
        assertThat(said.find()).as("it tells its version").isTrue();
        String own = said.group(1);
        assertThat(version).as("instead of " + own).hasSizeLessThanOrEqualTo(own.length());
        // What stands behind the number, as in a build on the way to a version, fills it up.
        String told = own.length() == version.length()
                ? version
                : version + "-" + "x".repeat(own.length() - version.length() - 1);
        // One byte a character, so that nothing else changes.
        String program = Files.readString(genuine, StandardCharsets.ISO_8859_1);
        assertThat(program).contains(own);
        Path directory = Files.createTempDirectory(place.root(), "stand-in");
        Path standIn = directory.resolve("firecracker");
        Files.writeString(standIn, program.replace(own, told), StandardCharsets.ISO_8859_1);
        Files.copy(jailer(), directory.resolve("jailer"));
        Child.of("chmod", "755", standIn.toString(), directory.resolve("jailer").toString())
                .run()
                .expect(0);
        assumeTrue(
                versionOf(standIn, directory.resolve("version.sock")).contains("\"" + told + "\""),
                "this Firecracker's version stands in its instructions, where it cannot be replaced");
        return standIn;
    }

    /** Returns what a Firecracker answers to the question for its version. */
    private static String versionOf(Path program, Path socket) throws IOException {
        try (Child process = Child.of(program.toString(), "--api-sock", socket.toString())
                        .deadline(PATIENCE)
                        .start();
                SocketChannel channel = UnixSockets.connect(socket, process::isAlive, PATIENCE)) {
            channel.write(StandardCharsets.US_ASCII.encode("GET /version HTTP/1.1\r\n\r\n"));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            channel.read(answer);
            return StandardCharsets.US_ASCII.decode(answer.flip()).toString();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
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
            return Guest.make(place, kernel(), modules(), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
