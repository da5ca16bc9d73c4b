package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.HostPodman;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.ExecRows.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code fcvm exec} does against what real Podman on this host does, in one machine and one container. */
@MachineTest
class ExecParityTest {

    private static final List<String> BOX = List.of("-e", "OF_THE_CONTAINER=yes", "-w", "/etc", "--name", "box", "-d");

    @Test
    void shouldDoWhatPodmanDoes(Fcvm fcvm, HostPodman podman, Archives archives) {
        List<String> differences = new ArrayList<>();
        try (var user = new Supervised(fcvm)) {
            podman.run(words(BOX, podman.load(TestImages.plain(), archives), "sleep", "1000"))
                    .run()
                    .expect(0);
            user.supervised(fcvm.call(words(
                            List.of("run"),
                            words(BOX, "oci-archive:" + archives.ociArchive(TestImages.plain()), "sleep", "1000")
                                    .toArray(String[]::new))))
                    .run()
                    .expect(0);
            // Both at once: each row takes a moment in either, and has nothing to do with the other's.
            CompletableFuture<List<Outcome>> theirs =
                    CompletableFuture.supplyAsync(() -> all(arguments -> podman.call(arguments)));
            List<Outcome> ours = all(arguments -> user.supervised(fcvm.call(arguments)));
            for (int i = 0; i < ours.size(); i++) {
                Outcome expected = theirs.join().get(i);
                String difference = difference(ExecRows.all().get(i), expected, ours.get(i));
                if (!difference.isEmpty()) {
                    differences.add(ExecRows.all().get(i) + ": " + difference + "\npodman " + expected + "\nfcvm "
                            + ours.get(i));
                }
            }
            user.run("rm", "-f", "box").expect(0);
        } finally {
            podman.call(List.of("rm", "-f", "-t", "0", "box")).run();
        }
        assertThat(differences).isEmpty();
        assertThat(ExecRows.all()).hasSizeGreaterThanOrEqualTo(60);
    }

    private static List<Outcome> all(Function<List<String>, Child.Call> program) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Row row : ExecRows.all()) {
            List<String> arguments = Stream.of(List.of("exec"), row.options(), List.of("box"), row.command())
                    .flatMap(List::stream)
                    .toList();
            outcomes.add(run(program.apply(arguments), row));
        }
        return outcomes;
    }

    private static Outcome run(Child.Call call, Row row) {
        row.stdin().ifPresent(call::stdin);
        return call.env("FROM_CALLER", "the caller's").run();
    }

    private static List<String> words(List<String> first, String... more) {
        return Stream.concat(first.stream(), Stream.of(more)).toList();
    }

    private static String difference(Row row, Outcome expected, Outcome actual) {
        List<String> differences = new ArrayList<>();
        if (actual.exitCode() != expected.exitCode()) {
            differences.add("exit code " + actual.exitCode() + " instead of " + expected.exitCode());
        }
        if (!actual.stdout().sha256().equals(expected.stdout().sha256())) {
            differences.add("standard output differs");
        }
        if (row.sameErrors() && !actual.err().equals(expected.err())) {
            differences.add("standard error differs");
        }
        if (!row.sameErrors() && (actual.err().isEmpty() || expected.err().isEmpty())) {
            differences.add("somebody says nothing");
        }
        return String.join(", ", differences);
    }
}
