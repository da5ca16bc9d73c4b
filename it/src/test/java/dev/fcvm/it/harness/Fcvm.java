package dev.fcvm.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The real command line, as one user of it sees it: with a data directory, a runtime directory and a home of its own,
 * so that what it leaves behind can be told from what others do. The base is the one that {@code fcvm init} made.
 */
public final class Fcvm implements AutoCloseable {

    /** How long a run may take that boots a machine: a busy machine without KVM needs a tenth of it. */
    public static final Duration BOOT = Duration.ofSeconds(Lane.isKvmEmulated() ? 600 : 150);

    /** The JVM of the tests ignores some signals, which what it starts would inherit. */
    private static final List<String> DEFAULT_SIGNALS = List.of("env", "--default-signal");

    /** Warm bases that are there for each user of the shared base, when FCVM_TEST_WARM_STORE names where they lie. */
    private static final Optional<Path> WARM = Optional.of(Place.setting("FCVM_TEST_WARM_STORE", ""))
            .filter(store -> !store.isEmpty())
            .map(Path::of);

    private final Place place;
    private final Lane lane;
    private final List<String> prefix;
    private final Path launcher;

    private Fcvm(Place place, Lane lane, List<String> prefix, Path launcher) {
        this.place = place;
        this.lane = lane;
        this.prefix = prefix;
        this.launcher = launcher;
        home();
        runtime();
        place.directory("data");
    }

    /** Makes one for the user who runs the tests, with the shared base. */
    public static Fcvm create() {
        Fcvm fcvm = withoutBase();
        try {
            Files.createSymbolicLink(fcvm.data().resolve("images"), base());
            if (WARM.isPresent()) {
                Path own = fcvm.place().directory("data/warm");
                for (Path each : list(WARM.get())) {
                    Files.createSymbolicLink(own.resolve(each.getFileName()), each);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return fcvm;
    }

    /** Makes one with the shared base, of which one file is replaced by another. */
    public static Fcvm withBaseFile(String name, Path file) {
        Lane lane = Lane.current();
        boolean ownKernel = name.equals("vmlinux");
        Fcvm fcvm = here(ownKernel ? lane.with(lane.firecracker(), lane.kernel().map(replaced -> file)) : lane);
        Path images = fcvm.place().directory("data/images");
        try {
            for (Path each : list(base())) {
                String own = each.getFileName().toString();
                Files.createSymbolicLink(images.resolve(own), own.equals(name) ? file.toAbsolutePath() : each);
            }
            return fcvm;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes one that has never seen {@code fcvm init}. */
    public static Fcvm withoutBase() {
        return here(Lane.current());
    }

    /**
     * Returns the same user with these words before the command line: a program that runs it somewhere else. What is
     * this one's, files and leaks, is that one's as well, and closed with either.
     */
    public Fcvm within(List<String> words) {
        return new Fcvm(
                place, lane, Stream.concat(words.stream(), prefix.stream()).toList(), launcher);
    }

    /** Returns the same user with another distribution's launcher. */
    public Fcvm by(Path other) {
        return new Fcvm(place, lane, prefix, other);
    }

    private static Fcvm here(Lane lane) {
        return new Fcvm(Place.make(), lane, DEFAULT_SIGNALS, launcher());
    }

    /** Makes one for another user, with the distribution and the base copied to where that user can read them. */
    public static Fcvm of(OrdinaryUser user) {
        Place place = Place.make();
        Lane lane = Lane.current();
        Fcvm fcvm = new Fcvm(
                place,
                lane.with(copied(lane.firecracker(), place), copied(lane.kernel(), place)),
                // To this user no cgroup is delegated, of which a first run would warn.
                Stream.of(user.prefix(), DEFAULT_SIGNALS, List.of("FCVM_NO_LIMITS=yes"))
                        .flatMap(List::stream)
                        .toList(),
                place.root().resolve("dist/bin/fcvm"));
        copy(launcher().resolve("../..").normalize(), place.root().resolve("dist"));
        copy(base(), fcvm.data().resolve("images"));
        Child.of("chown", "-R", user.name() + ":", place.root().toString())
                .run()
                .expect(0);
        return fcvm;
    }

    private static Optional<Path> copied(Optional<Path> file, Place place) {
        return file.map(from -> {
            Path to = place.root().resolve(from.getFileName());
            copy(from, to);
            return to;
        });
    }

    private static void copy(Path from, Path to) {
        Child.of("cp", "-RL", "--preserve=mode", "--sparse=always", "--reflink=auto", from.toString(), to.toString())
                .run()
                .expect(0);
    }

    private static Path launcher() {
        Path launcher = Path.of(Place.setting(
                        "FCVM_TEST_LAUNCHER",
                        repository().resolve("build/dist/bin/fcvm").toString()))
                .toAbsolutePath()
                .normalize();
        if (!Files.isExecutable(launcher)) {
            throw new IllegalStateException("no " + launcher + ": run “make build”, or set FCVM_TEST_LAUNCHER");
        }
        return launcher;
    }

    static Path repository() {
        return Path.of(System.getProperty("fcvm.test.repository", "..")).toAbsolutePath();
    }

    /** Returns the monitor's lane. */
    public Lane lane() {
        return lane;
    }

    /** Returns where the base of the test run lies. */
    public static Path base() {
        String share = Place.setting("XDG_DATA_HOME", System.getProperty("user.home") + "/.local/share");
        Path base =
                Path.of(Place.setting("FCVM_TEST_BASE", Place.setting("FCVM_DATA_DIR", share + "/fcvm") + "/images"));
        if (!Files.exists(base.resolve("base.json"))) {
            throw new IllegalStateException("no base in " + base + ": run “fcvm init”, or set FCVM_TEST_BASE");
        }
        return base;
    }

    /** Returns the release of the base's kernel. */
    public static String kernelRelease() {
        try {
            return Files.readString(base().resolve("base.json"))
                    .replaceAll("(?s).*\"kernelRelease\":\"([^\"]*)\".*", "$1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the directory everything of this user lies in. */
    public Place place() {
        return place;
    }

    /** Returns the data directory. */
    public Path data() {
        return place.root().resolve("data");
    }

    /** Returns the runtime directory (what XDG_RUNTIME_DIR names). */
    public Path runtime() {
        return place.directory("r");
    }

    /** Returns the home directory. */
    public Path home() {
        return place.directory("home");
    }

    /** Begins a call of the command line with these arguments. */
    public Child.Call call(List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(launcher.toString());
        command.addAll(arguments);
        return placed(command);
    }

    private Child.Call placed(List<String> command) {
        Child.Call call = Child.of(command);
        lane.environment().forEach(call::env);
        return call.env("HOME", home().toString())
                .env("FCVM_DATA_DIR", data().toString())
                .env("XDG_RUNTIME_DIR", runtime().toString())
                // Whoever tests networks says so; nobody else's machine touches the host's.
                .env("FCVM_NETWORK", "none")
                // Whoever tests the supervisor says so, and ends it.
                .env("FCVM_SUPERVISOR", "off")
                // Whoever tests warm starts says so: behind nobody else's machine another is made.
                .env("FCVM_WARM_BASE", WARM.isPresent() ? "yes" : "no")
                .without("XDG_DATA_HOME")
                .without("XDG_CONFIG_HOME")
                .without("REGISTRY_AUTH_FILE")
                .in(place.root())
                .deadline(BOOT);
    }

    /** Begins a call of the command line with these arguments. */
    public Child.Call call(String... arguments) {
        return call(List.of(arguments));
    }

    /** Begins a call of the command line with these arguments, the first of them in an array. */
    public Child.Call call(String[] first, String... more) {
        return call(Stream.concat(Stream.of(first), Stream.of(more)).toList());
    }

    /** Begins a call of one of the project's scripts that takes the command line's program as its first argument. */
    public Child.Call script(String name, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(repository().resolve("scripts").resolve(name).toString());
        command.add(launcher.toString());
        command.addAll(List.of(arguments));
        return placed(command);
    }

    /** Begins a call in a bash whose script goes on after it, such as {@code | head -n 1}. */
    public Child.Call through(String rest, String[] first, String... more) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("bash", "-c", "\"$@\" " + rest, "bash", launcher.toString()));
        command.addAll(List.of(first));
        command.addAll(List.of(more));
        return placed(command);
    }

    /** Calls the command line and waits for its end. */
    public Outcome run(String... arguments) {
        return call(arguments).run();
    }

    /** Returns what the guests of all machines that still have a directory said, for a failure's report. */
    public String consoles() {
        StringBuilder said = new StringBuilder();
        for (Path machine : machines()) {
            Path log = machine.resolve("console.log");
            if (Files.isReadable(log)) {
                said.append("--- ")
                        .append(log)
                        .append('\n')
                        .append(Child.of("tail", "-c", "6000", log.toString())
                                .run()
                                .out());
            }
        }
        return said.toString();
    }

    /** Returns the directories of the machines that are known, without those of other users. */
    public List<Path> machines() {
        return list(data().resolve("machines"));
    }

    /** Returns the command lines of all processes that belong to this user's machines. */
    public Stream<String> processes() {
        return Leaks.commandLines(this);
    }

    /**
     * Waits until this can be seen from outside; there is no event to wait for, so it looks again and again. Fails when
     * the call that is to bring it about ends before.
     */
    public void await(Child call, Predicate<Fcvm> reached) {
        Instant deadline = Instant.now().plus(BOOT);
        while (!reached.test(this)) {
            if (!call.isAlive()) {
                throw new AssertionError("not reached before the end of\n" + call.outcome());
            }
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not reached within " + BOOT.toSeconds() + " s\n" + consoles());
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** The same of anything that can be looked at; fails with what was seen last. */
    public static <T> void await(Supplier<T> look, Predicate<T> wanted) {
        Instant deadline = Instant.now().plus(BOOT);
        for (T seen = look.get(); !wanted.test(seen); seen = look.get()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not reached within " + BOOT.toSeconds() + " s, but this:\n" + seen);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns everything a finished run should not have left: empty when all is well. */
    public List<String> leaks() {
        return Leaks.of(this);
    }

    /** Kills every process of this user's machines: monitors, and what serves them. */
    public void killMachines() {
        Leaks.end(this);
    }

    /** Removes what a failed test left of its machines, so that the next one is judged for itself. */
    void forget() {
        // By the command first: it knows what a machine has elsewhere on the host (cgroups), and where that is written.
        machines().forEach(machine -> run("rm", "-f", machine.getFileName().toString()));
        for (Path directory : List.of(
                data().resolve("machines"),
                data().resolve("names"),
                data().resolve("warm-making"),
                runtime().resolve("fcvm"))) {
            Child.of("rm", "-rf", "--one-file-system", directory.toString()).run();
        }
    }

    /** Ends what still runs, removes all files, and fails when there was anything left. */
    @Override
    public void close() {
        List<String> leaks = leaks();
        Leaks.end(this);
        forget();
        place.close();
        if (!leaks.isEmpty()) {
            throw new AssertionError("left behind:\n" + String.join("\n", leaks));
        }
    }
}
