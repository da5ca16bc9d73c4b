package dev.fcvm.it.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The supervisor or the monitor is killed, or the disk fills up, at moments that are spread over the time that a command
 * takes which saves a machine or makes one of what was saved. Takes many minutes, and is in no lane: {@code
 * FCVM_TEST_ONLY=SavingMatrixTest scripts/test.sh firecracker}. {@code FCVM_TEST_MOMENTS} says how many moments.
 */
@MachineTest
@Timeout(1800)
class SavingMatrixTest {

    private static final int MOMENTS = Integer.parseInt(
            Optional.ofNullable(System.getenv("FCVM_TEST_MOMENTS")).orElse("10"));

    /** Adds to a count in its memory and writes it into each mapping when it is asked. */
    private static final String COUNTER = """
            mkfifo /tmp/ask /tmp/answer; n=0; echo born
            while :; do read asked </tmp/ask; n=$((n+1)); for d in /m/*; do echo $n >>$d/count; done; echo $n >/tmp/answer; done
            """;

    private static final String ASK = "echo >/tmp/ask; cat /tmp/answer";
    private static final String SOURCE = "source";
    private static final String TWIN = "twin";
    private static final String MOMENT = "moment";

    /** What is done while something is killed. */
    @SuppressWarnings("ImmutableEnumChecker") // a list that is a copy
    enum Step {
        CREATE(SOURCE, "snapshot", "create", SOURCE, MOMENT),
        CLONE(TWIN, "clone", "kept", "--name", TWIN, "-d"),
        CLONE_OF_ONE_THAT_RUNS(TWIN, "clone", SOURCE, "--name", TWIN, "-d"),
        SUSPEND(SOURCE, "suspend", SOURCE),
        RESUME(SOURCE, "resume", SOURCE),
        WARM(TWIN, "run", "-d", "-m", "64m", "--name", TWIN, "--warm"),
        SAVE(TWIN, "run", "-d", "-m", "64m", "--name", TWIN, "--save-snapshot", MOMENT);

        private final String machine;
        private final List<String> words;

        Step(String machine, String... words) {
            this.machine = machine;
            this.words = List.of(words);
        }
    }

    /** What goes wrong meanwhile. */
    private enum Trouble {
        SUPERVISOR,
        MONITOR,
        DISK
    }

    /** A small disk for the data directory, in a mount namespace that ends with the process. */
    private static final String DISK = """
            truncate -s 3G "$1"; mkfs.ext4 -q -m 0 "$1"
            images=$(readlink "$2/images"); mount -o loop "$1" "$2"; chmod 700 "$2"
            rmdir "$2/lost+found"; ln -s "$images" "$2/images"
            echo ready; exec sleep infinity""";

    private Path place = Path.of("");
    private Path data = Path.of("");
    private String image = "";

    @SuppressWarnings("NullAway.Init") // before the first step of each test
    private Supervised user;

    private Fcvm fcvm;

    @BeforeEach
    void onFirecracker(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        this.fcvm = fcvm;
        data = fcvm.data();
        image = "oci-archive:" + archives.ociArchive(TestImages.plain());
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void shouldLeaveNothingWhenTheSupervisorIsKilled(Step step) throws Exception {
        matrix(step, Trouble.SUPERVISOR);
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void shouldLeaveNothingWhenTheMonitorIsKilled(Step step) throws Exception {
        matrix(step, Trouble.MONITOR);
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void shouldLeaveNothingWhenTheDiskFillsUp(Step step) throws Exception {
        assumeTrue(OrdinaryUser.possible(), "only root may mount a small file system");
        Path disk = fcvm.place().root().resolve("disk");
        try (Child mounted = Child.of("unshare", "--mount", "--propagation", "private", "sh", "-ec", DISK, "sh")
                .with(disk.toString(), fcvm.data().toString())
                .deadline(Duration.ofMinutes(30))
                .start()) {
            mounted.awaitOut("ready\n");
            String holder = Long.toString(mounted.pid());
            data = Path.of("/proc", holder, "root" + fcvm.data());
            fcvm = fcvm.within(List.of("nsenter", "--target", holder, "--mount", "--", "env", "FCVM_DISK_FLOOR=0"));
            matrix(step, Trouble.DISK);
            assertThat(data.resolve("machines")).isEmptyDirectory();
        } finally {
            Files.deleteIfExists(disk);
        }
    }

    private void matrix(Step step, Trouble trouble) throws Exception {
        place = Files.createDirectories(fcvm.place().directory("troubled").resolve(step + "-" + trouble));
        Files.writeString(place.resolve("count"), "");
        try (var closed = new Supervised(fcvm)) {
            user = closed;
            make();
            user.run("snapshot", "create", "-q", SOURCE, "kept").expect(0);
            prepare(step);
            long took = call(step).run().expect(0).took().toNanos();
            for (int moment = 1; moment <= MOMENTS; moment++) {
                undo();
                prepare(step);
                trouble(step, trouble, took * moment / MOMENTS);
                assertWhole(step + " " + moment + "/" + MOMENTS);
            }
            undo();
            user.run("rm", "-f", SOURCE).expect(0);
            user.run("volume", "rm", "data").expect(0);
            for (String name : lines(user.run("snapshot", "ls", "-q").expect(0))) {
                user.run("snapshot", "rm", name).expect(0);
            }
            assertThat(data.resolve("snapshots")).isEmptyDirectory();
            assertThat(Files.readAllLines(place.resolve("count")))
                    .as("what came back")
                    .isNotEmpty();
        }
    }

    private void make() {
        user.run(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--name",
                        SOURCE,
                        "--map",
                        place + ":/m/back",
                        "-v",
                        "data:/m/volume:size=64m",
                        "--wait-ready",
                        "mode=log,pattern=born",
                        image,
                        "sh",
                        "-c",
                        COUNTER)
                .expect(0);
    }

    private Child.Call call(Step step) {
        List<String> words = new ArrayList<>(step.words);
        if (words.getFirst().equals("run")) {
            words.addAll(List.of("--wait-ready", "mode=log,pattern=born", image, "sh", "-c", COUNTER));
        }
        return user.call(words.toArray(String[]::new));
    }

    private void prepare(Step step) {
        if (step == Step.RESUME) {
            user.run("suspend", SOURCE).expect(0);
        }
        if (step == Step.WARM) {
            call(step).run().expect(0);
            user.run("rm", "-f", TWIN).expect(0);
        }
    }

    /** All is as it was before: the source runs, and there is nothing but it and what was kept of it. */
    private void undo() {
        user.run("rm", "-f", TWIN);
        user.run("snapshot", "rm", "-f", MOMENT).expect(0);
        // That its monitor is gone may not be known yet.
        Fcvm.await(
                () -> {
                    user.run("start", SOURCE);
                    return user.run("exec", SOURCE, "sh", "-c", ASK).exitCode();
                },
                code -> code == 0);
    }

    private void trouble(Step step, Trouble trouble, long nanos) throws IOException {
        ProcessHandle supervisor = user.process();
        Optional<Path> before = machine(step.machine);
        Path balloon = data.resolve("balloon");
        try (Child child = call(step).start()) {
            long end = System.nanoTime() + nanos;
            Fcvm.await(System::nanoTime, now -> now >= end || !child.isAlive());
            switch (trouble) {
                case MONITOR -> {
                    machine(step.machine).or(() -> before).ifPresent(SavingMatrixTest::killMonitor);
                    child.outcome();
                }
                case SUPERVISOR -> {
                    supervisor.destroyForcibly();
                    supervisor.onExit().join();
                    child.closed();
                }
                case DISK -> {
                    long free = Files.getFileStore(data).getUsableSpace();
                    Child.of("fallocate", "-l", Long.toString(free), balloon.toString())
                            .run();
                    child.outcome();
                }
            }
        } finally {
            Files.deleteIfExists(balloon);
        }
    }

    private void assertWhole(String when) throws IOException {
        // Whatever was killed is cleared away by then.
        List<String> names =
                lines(user.run("ps", "-a", "--format", "{{.Names}} {{.State}}").expect(0));
        assertThat(names)
                .as(when)
                .allMatch(line -> line.matches("(source|twin) (running|paused|suspended|exited|failed|created)"));
        for (String snapshot : lines(user.run("snapshot", "ls", "-q").expect(0))) {
            user.run("snapshot", "inspect", "--check", snapshot).expect(0);
        }
        try (Stream<Path> aside = Files.list(data.resolve("snapshots"))) {
            assertThat(aside.filter(path -> path.getFileName().toString().startsWith(".")))
                    .as(when)
                    .isEmpty();
        }
        for (Path machine : machines()) {
            assertThat(machine.resolve("exchange")).as(when).isEmptyDirectory();
        }
        assertThat(lines(user.run("volume", "ls", "-q").expect(0))).as(when).containsExactly("data");
        if (names.contains("twin running")) {
            assertThat(ask(TWIN)).as(when).isPositive();
        }
    }

    private long ask(String machine) {
        return Long.parseLong(
                user.run("exec", machine, "sh", "-c", ASK).expect(0).out().strip());
    }

    private Optional<Path> machine(String name) {
        return machines().stream()
                .filter(machine -> read(machine.resolve("spec.json")).contains("\"name\":\"" + name + "\""))
                .findFirst();
    }

    private static void killMonitor(Path machine) {
        var processes = new MachineProcesses(new MachineId(machine.getFileName().toString()));
        for (ProcessHandle process : processes.living()) {
            if (process.info()
                    .command()
                    .filter(program -> program.endsWith("firecracker"))
                    .isPresent()) {
                process.destroyForcibly();
                process.onExit().join();
            }
        }
    }

    private List<Path> machines() {
        try (Stream<Path> all = Files.list(data.resolve("machines"))) {
            return all.toList();
        } catch (IOException none) {
            return List.of();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException notYet) {
            return "";
        }
    }

    private static List<String> lines(Outcome outcome) {
        return outcome.out().lines().toList();
    }
}
