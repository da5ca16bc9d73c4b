package dev.fcvm.it.supervisor;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A user whose commands run in the supervisor; closing it ends that, and takes its files away. */
public final class Supervised implements AutoCloseable {

    private final Fcvm fcvm;

    /** Makes one of a user. */
    public Supervised(Fcvm fcvm) {
        this.fcvm = fcvm;
    }

    /** Returns a command of the user. */
    public Child.Call call(String... arguments) {
        return supervised(fcvm.call(arguments));
    }

    /** The same for a call that is made otherwise. */
    public Child.Call supervised(Child.Call call) {
        return call.env("FCVM_SUPERVISOR", "auto");
    }

    /** Runs a command of the user. */
    public Outcome run(String... arguments) {
        return call(arguments).run();
    }

    /** Returns the process of the supervisor that serves this user here. */
    public ProcessHandle process() {
        return ProcessHandle.of(Long.parseLong(line("process"))).orElseThrow();
    }

    Path socket() {
        return Path.of(line("socket"));
    }

    private String line(String name) {
        return run("supervisor", "status")
                .expect(0)
                .out()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow();
    }

    /** Returns the supervisors there are, in whatever namespace. */
    List<ProcessHandle> all() {
        try (Stream<String> lines = fcvm.processes()) {
            return lines.filter(line -> line.contains("SupervisorMain"))
                    .map(line -> ProcessHandle.of(Long.parseLong(line.substring(0, line.indexOf(':')))))
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    /** Ends the supervisor in order, and waits until it is gone. */
    public void stop() {
        List<ProcessHandle> there = all();
        run("supervisor", "stop").expect(0);
        there.forEach(
                process -> process.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }

    /** Makes the same distribution, but for its digest; returns its launcher. */
    static Path upgraded(Place place) throws IOException {
        Path launcher = Path.of(Place.setting("FCVM_TEST_LAUNCHER", "../build/dist/bin/fcvm"))
                .toRealPath();
        Path dist = Objects.requireNonNull(launcher.resolve("../..").normalize());
        Path other = place.directory("upgraded");
        try (Stream<Path> files = Files.list(dist)) {
            for (Path file : files.filter(path -> !path.endsWith("bin") && !path.endsWith(".digest"))
                    .toList()) {
                Files.createSymbolicLink(other.resolve(file.getFileName()), file);
            }
        }
        Files.writeString(other.resolve(".digest"), "f".repeat(64) + "\n");
        Path copy = Files.createDirectory(other.resolve("bin")).resolve("fcvm");
        try (InputStream from = Files.newInputStream(launcher)) {
            Files.copy(from, copy);
        }
        copy.toFile().setExecutable(true);
        return copy;
    }

    @Override
    public void close() {
        stop();
        try (Stream<Path> files = Files.list(fcvm.runtime().resolve("fcvm"))) {
            for (Path file : files.filter(path -> path.getFileName().toString().matches("[0-9a-f]{16}\\..*"))
                    .toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
