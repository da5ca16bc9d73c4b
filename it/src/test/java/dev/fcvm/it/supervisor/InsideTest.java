package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.HostPodman;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is copied into a container and out of it, and what its machine tells of it. */
@MachineTest
class InsideTest {

    @Test
    void shouldCopyAsPodmanDoes(Fcvm fcvm, HostPodman podman, Archives archives, Place place) {
        List<String> differences = new ArrayList<>();
        try (var user = new Supervised(fcvm)) {
            podman.run(List.of("-d", "--name", "box", podman.load(TestImages.plain(), archives), "sleep", "1000"))
                    .run()
                    .expect(0);
            user.run("run", "-d", "--name", "box", plain(archives), "sleep", "1000")
                    .expect(0);
            CompletableFuture<List<String>> theirs =
                    CompletableFuture.supplyAsync(() -> all(podman::call, place, "podman"));
            List<String> ours = all(words -> user.call(words.toArray(String[]::new)), place, "fcvm");
            for (int i = 0; i < ours.size(); i++) {
                if (!ours.get(i).equals(theirs.join().get(i))) {
                    differences.add(
                            CopyRows.all().get(i) + "\npodman: " + theirs.join().get(i) + "\nfcvm: " + ours.get(i));
                }
            }
            user.run("rm", "-f", "box").expect(0);
        } finally {
            podman.call(List.of("rm", "-f", "-t", "0", "box")).run();
        }
        assertThat(differences).isEmpty();
    }

    /** Returns what came of each row: its exit code, its output, and what is in the container and on this host then. */
    private static List<String> all(Function<List<String>, Child.Call> program, Place place, String name) {
        Function<String, String> inContainer = script -> program.apply(List.of("exec", "box", "sh", "-c", script))
                .run()
                .expect(0)
                .out();
        int rows = CopyRows.all().size();
        assertThat(inContainer.apply("for i in $(seq 0 " + (rows - 1) + "); do mkdir -p /t$i; cd /t$i\n"
                        + CopyRows.IN_CONTAINER + "\ndone"))
                .isEmpty();
        List<String> outcomes = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            Path directory = place.directory(name + "-" + row);
            shell(directory, CopyRows.ON_HOST).run().expect(0);
            String line = CopyRows.all().get(row).replace("$CP", "\"$@\"").replace("/t/", "/t" + row + "/");
            Outcome outcome = program.apply(List.of("cp"))
                    .inside("sh", "-c", line, "sh")
                    .in(directory)
                    .run();
            outcomes.add(outcome.exitCode() + " " + outcome.out() + "\n"
                    + shell(directory, CopyRows.LOOK).run().expect(0).out());
        }
        String all = inContainer.apply(
                "for i in $(seq 0 " + (rows - 1) + "); do cd /t$i; echo ---\n" + CopyRows.LOOK + "\ndone");
        String[] seen = all.split("---\n", -1);
        return IntStream.range(0, rows)
                .mapToObj(row -> outcomes.get(row) + seen[row + 1])
                .toList();
    }

    private static Child.Call shell(Path directory, String script) {
        return Child.of("sh", "-c", script).in(directory);
    }

    @Test
    void shouldTellOfAContainerAndGiveItAnotherName(Fcvm fcvm, Archives archives, Place place) {
        try (var user = new Supervised(fcvm)) {
            user.run("container", "run", "-d", "--name", "web", plain(archives), "sh", "-c", "echo >/made; sleep 1000")
                    .expect(0);
            assertThat(user.run("top", "web", "pid", "args").expect(0).out())
                    .matches("(?s)PID +COMMAND\n1 +.*sleep 1000.*");
            assertThat(user.run("stats", "--no-stream", "--format", "{{.Name}} {{.PIDS}} {{.MemUsage}}")
                            .expect(0)
                            .out())
                    .matches("web [1-9][0-9]* [0-9.]+[kM]?B / [0-9.]+[MG]B\n");
            assertThat(user.run("diff", "web").expect(0).out().lines())
                    .contains("A /made")
                    .noneMatch(line -> line.contains(".fcvm"));

            user.run("rename", "web", "site").expect(0);
            user.run("container", "exists", "web").expect(1);
            user.run("container", "exists", "site").expect(0);
            user.run("exec", "site", "test", "-e", "/made").expect(0);
            Path got = place.directory("got");
            user.run("cp", "site:/made", got.toString()).expect(0);
            assertThat(got.resolve("made")).exists();

            user.run("stop", "-t", "0", "site").expect(0);
            assertThat(user.run("cp", "site:/made", got.toString()).expect(125).err())
                    .isEqualTo(
                            "Error: machine site cannot be copied from: it does not run; start it: fcvm start site\n");
            user.run("start", "site").expect(0);
            user.run("cp", got.resolve("made").toString(), "site:/again").expect(0);
            user.run("exec", "site", "test", "-e", "/again").expect(0);
            user.run("stop", "-t", "0", "site").expect(0);
            assertThat(user.run("container", "prune", "-f").expect(0).out()).matches("[0-9a-f]{32}\n");
            assertThat(user.run("container", "ls", "-aq").expect(0).out()).isEmpty();
        }
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
