package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.HostPodman;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.snapshot.WarmBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code fcvm run} does against what real Podman on this host does with the same arguments. */
@MachineTest
@TestInstance(Lifecycle.PER_CLASS)
class ParityTableTest {

    private final BlockingQueue<Fcvm> lanes = new LinkedBlockingQueue<>();
    private final ConcurrentSkipListMap<Integer, String> rows = new ConcurrentSkipListMap<>();
    private final Map<List<Object>, Outcome> podmanLooks = new ConcurrentHashMap<>();
    private final Map<List<Object>, Outcome> fcvmLooks = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Integer, Outcome> answers = new ConcurrentSkipListMap<>();

    static Stream<Arguments> cases() {
        List<ParityCase> all = ParityCases.all();
        String only = Place.setting("FCVM_TEST_PARITY", "");
        return IntStream.range(0, all.size())
                .filter(index -> all.get(index).name().contains(only))
                .mapToObj(index -> Arguments.of(index + 1, all.get(index)));
    }

    /** No machine boots but the first, as with users; FCVM_TEST_WARM=no has all of them boot. */
    boolean isWarm() {
        return !Place.setting("FCVM_TEST_WARM", "").equals("no");
    }

    @BeforeAll
    void openLanes(Archives archives) {
        Fcvm maker = Fcvm.create();
        Fcvm other = Fcvm.create();
        lanes.addAll(List.of(maker, other));
        if (isWarm()) {
            String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
            WarmBase.lend(WarmBase.make(maker, image), other);
        }
    }

    @ParameterizedTest(name = "{0}. {1}")
    @MethodSource("cases")
    @Execution(ExecutionMode.CONCURRENT)
    void shouldDoWhatPodmanDoes(int number, ParityCase row, HostPodman podman, Archives archives, Place place)
            throws InterruptedException {
        rows.put(number, "FAILED   " + row.name());
        Outcome expected = row.shared()
                ? looked(row, podmanLooks, all -> podmanRun(all, podman, archives, place))
                : podmanRun(row, podman, archives, place);
        answers.put(number, expected);
        Fcvm lane = lanes.take();
        try {
            Outcome actual = row.shared()
                    ? looked(row, fcvmLooks, all -> fcvmRun(all, lane, archives, place))
                    : fcvmRun(row, lane, archives, place);
            String difference = compare(row, expected, actual);
            List<String> leaks = lane.leaks();
            assertThat(leaks).as("left behind by\n%s", actual).isEmpty();
            if (!difference.isEmpty()) {
                throw new AssertionError(difference + "\npodman " + expected + "\nfcvm " + actual + lane.consoles());
            }
            rows.put(number, "same     " + row.name() + ": exit code " + expected.exitCode());
            row.accepted()
                    .filter(_ -> !differs(row, expected, actual).isEmpty())
                    .ifPresent(accepted -> rows.put(number, "differs  " + row.name() + ": " + accepted.reason()));
        } finally {
            lanes.put(lane);
        }
    }

    /** Runs all rows that share this one's container, if that has not been done, and returns what this one saw. */
    private static Outcome looked(
            ParityCase row, Map<List<Object>, Outcome> looks, Function<ParityCase, Outcome> runner) {
        List<ParityCase> together = ParityCases.all().stream()
                .filter(each -> each.shared() && key(each).equals(key(row)))
                .toList();
        Outcome whole = looks.computeIfAbsent(
                key(row),
                absent ->
                        runner.apply(ParityCase.of("looks", row.image(), row.options(), SharedLook.command(together))));
        return SharedLook.section(
                whole, together.stream().map(ParityCase::name).toList().indexOf(row.name()));
    }

    private static List<Object> key(ParityCase row) {
        return List.of(row.image().name(), row.options());
    }

    private static Outcome podmanRun(ParityCase row, HostPodman podman, Archives archives, Place place) {
        return call(
                row, podman.run(arguments(row, podman.load(row.image(), archives), place, "podman", List.of("--rm"))));
    }

    private Outcome fcvmRun(ParityCase row, Fcvm fcvm, Archives archives, Place place) {
        List<String> arguments = arguments(
                row,
                "oci-archive:" + archives.ociArchive(row.image()),
                place,
                "fcvm",
                List.of("run", "--quiet", "--rm"));
        return call(row, fcvm.call(arguments).env(WarmBase.VARIABLE, isWarm() ? "yes" : "no"));
    }

    private static Outcome call(ParityCase row, Child.Call call) {
        row.environment().forEach(call::env);
        row.stdin().ifPresent(text -> call.stdin(text.getBytes(StandardCharsets.UTF_8)));
        return call.run();
    }

    private static List<String> arguments(ParityCase row, String image, Place place, String side, List<String> first) {
        place.directory(side);
        row.files().forEach((name, content) -> place.file(side + "/" + name, content));
        List<String> arguments = new ArrayList<>(first);
        for (String option : row.options()) {
            // Podman itself needs no word to be given its own flags.
            if (side.equals("fcvm") || !option.equals("--podman-arg")) {
                String bare = side.equals("fcvm") ? option : option.replaceFirst("^--podman-arg=", "");
                arguments.add(bare.replace("{dir}", place.root().resolve(side).toString()));
            }
        }
        arguments.add(image);
        arguments.addAll(row.command());
        return arguments;
    }

    /** Says in words what differs that may not; empty when nothing does. */
    private static String compare(ParityCase row, Outcome expected, Outcome actual) {
        List<String> differences = differs(row, expected, actual);
        boolean meant = row.accepted()
                .filter(accepted -> accepted.exitCode().orElse(expected.exitCode()) == actual.exitCode())
                .filter(accepted -> accepted.out()
                        .apply(row.normal().apply(expected.out()))
                        .equals(row.normal().apply(actual.out())))
                .isPresent();
        return meant ? "" : String.join(", ", differences);
    }

    private static List<String> differs(ParityCase row, Outcome expected, Outcome actual) {
        List<String> differences = new ArrayList<>();
        if (actual.exitCode() != expected.exitCode()) {
            differences.add("exit code " + actual.exitCode() + " instead of " + expected.exitCode());
        }
        if (!row.normal().apply(actual.out()).equals(row.normal().apply(expected.out()))) {
            differences.add("standard output differs");
        }
        switch (row.errors()) {
            case SAME -> {
                if (!actual.err().equals(expected.err())) {
                    differences.add("standard error differs");
                }
            }
            case RUNTIME -> {
                if (expected.err().lines().count() != 1 || actual.err().lines().count() != 1) {
                    differences.add("not one line each on standard error");
                }
            }
            case COMPLAINT -> {
                if (expected.err().isEmpty()) {
                    differences.add("Podman does not complain: the table is wrong");
                } else if (!actual.err().matches("Error: [^\n]+\n")) {
                    differences.add("no one-line complaint");
                }
            }
        }
        return differences;
    }

    @AfterAll
    void printTable(HostPodman podman) throws IOException {
        System.out.println("Parity of fcvm run with " + podman.way());
        rows.forEach((number, text) -> System.out.printf("%4d  %s%n", number, text));
        StringBuilder report = new StringBuilder();
        answers.forEach((number, outcome) ->
                report.append("%4d  %s%npodman: %s%n%n".formatted(number, rows.get(number), outcome)));
        Files.writeString(Path.of("target/parity-table.txt"), report);
        lanes.forEach(Fcvm::close);
    }
}
