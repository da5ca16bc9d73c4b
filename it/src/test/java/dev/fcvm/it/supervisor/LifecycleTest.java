package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Machines that go on by themselves, and the commands for them. */
@MachineTest
class LifecycleTest {

    private static final int LINES = 1_000_000;

    @Test
    void shouldGoThroughTheLifeOfADetachedMachine(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            String id = user.run("run", "-d", "--name", "web", plain(archives), "/bin/sh", "-c", "echo up; sleep 1000")
                    .expect(0)
                    .out()
                    .strip();
            assertThat(id).matches("[0-9a-f]{32}");
            assertThat(user.run("exec", "web", "sh", "-c", "echo out; echo err >&2; exit 7")
                            .expect(7)
                            .out())
                    .isEqualTo("out\n");
            assertThat(user.call("exec", "-i", "-w", "/bin", "-e", "A=b", "web", "sh", "-c", "pwd; echo $A; cat")
                            .stdin("typed".getBytes(StandardCharsets.UTF_8))
                            .run()
                            .expect(0)
                            .out())
                    .isEqualTo("/bin\nb\ntyped");
            user.run("exec", "web", "no-such-program").expect(127);
            String session = user.run("exec", "-d", "web", "sh", "-c", "exit 3")
                    .expect(0)
                    .out()
                    .strip();
            assertThat(session).matches("[0-9a-f]{64}");
            try (Child ends = user.call("events", "--since", "1h", "--filter", "event=exec_died", "--format", "json")
                    .start()) {
                ends.awaitOut(session);
                assertThat(ends.outSoFar().lines().filter(line -> line.contains(session)))
                        .singleElement()
                        .asString()
                        .contains("\"exitCode\":\"3\"");
            }
            user.run("exec", "web", "touch", "/kept").expect(0);

            user.run("stop", "-t", "0", "web").expect(0);
            assertThat(user.run("wait", "web").expect(0).out()).isEqualTo("137\n");
            assertThat(user.run("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web")
                            .expect(0)
                            .out())
                    .isEqualTo("exited 137\n");
            user.run("start", "web").expect(0);
            user.run("exec", "web", "test", "-e", "/kept").expect(0);
            assertThat(user.run("logs", "web").expect(0).out()).isEqualTo("up\nup\n");

            user.run("pause", "web").expect(0);
            assertThat(user.run("ps").expect(0).out()).contains("Paused");
            user.run("unpause", "web").expect(0);
            user.run("rm", "web").expect(2);
            user.run("rm", "-f", "web").expect(0);
            assertThat(user.run("events", "--since", "1h", "--stream=false", "--filter", "container=" + id)
                            .expect(0)
                            .out()
                            .lines()
                            .map(line -> line.replaceAll(".* container ([a-z_]+) .*", "$1"))
                            .filter(word -> !word.startsWith("exec")))
                    .containsExactly("create", "start", "stop", "died", "start", "pause", "unpause", "died", "remove");
        }
    }

    @Test
    void shouldSayThatAContainerRunsWhenItDoesAndTakeASignalAtOnce(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            Outcome missing = user.run("run", "-d", "--rm", plain(archives), "no-such-program");
            assertThat(missing.expect(127).out()).isEmpty();
            assertThat(missing.err()).matches("Error: crun: .*no-such-program.*\n");
            user.run("create", "--name", "unfit", plain(archives), "/etc/passwd")
                    .expect(0);
            Outcome unfit = user.run("start", "unfit");
            assertThat(unfit.expect(125).out()).isEmpty();
            assertThat(unfit.err())
                    .matches("Error: crun: .*/etc/passwd.*\nError: machine unfit was not started: .* 126 .*\n");
            user.run("rm", "unfit").expect(0);

            user.run("run", "-d", "--name", "short", plain(archives), "sleep", "1000")
                    .expect(0);
            user.run("kill", "short").expect(0);
            assertThat(user.run("wait", "short").expect(0).out()).isEqualTo("137\n");
            user.run("start", "short").expect(0);
            user.run("kill", "-s", "KILL", "short").expect(0);
            assertThat(user.run("wait", "short").expect(0).out()).isEqualTo("137\n");
            user.run("rm", "-f", "short").expect(0);
        }
    }

    @Test
    void shouldShowAllToEachClientAndPassOnWhatEachTypes(Fcvm fcvm, Archives archives) throws IOException {
        List<Child> many = new ArrayList<>();
        try (var user = new Supervised(fcvm)) {
            user.run(
                            "run",
                            "-d",
                            "-i",
                            "--name",
                            "shared",
                            plain(archives),
                            "sh",
                            "-c",
                            "while read l; do echo got $l; done; exit 4")
                    .expect(0);
            try (var typing = new PipedOutputStream();
                    var typingToo = new PipedOutputStream();
                    Child one = user.call("attach", "shared")
                            .stdin(new PipedInputStream(typing))
                            .start();
                    Child two = user.call("attach", "shared")
                            .stdin(new PipedInputStream(typingToo))
                            .start();
                    Child watching = user.call("attach", "--no-stdin", "shared").start()) {
                while (many.size() < 50) {
                    many.add(user.call("attach", "--no-stdin", "shared").start());
                }
                // Each sees something before what is to come: it is attached then.
                for (int line = 0;
                        many.stream().anyMatch(each -> each.outSoFar().isEmpty());
                        line++) {
                    type(typing, "again");
                    one.awaitOut("got again\n".repeat(line + 1));
                }
                type(typing, "one");
                one.awaitOut("got one\n");
                type(typingToo, "two");
                two.awaitOut("got two\n");
                one.awaitOut("got two\n");
                watching.signal("KILL");
                watching.closed();
                type(typing, "three");
                two.awaitOut("got three\n");
                many.forEach(each -> each.awaitOut("got one\ngot two\ngot three\n"));
                // A service manager ends the supervisor: it does not wait for those who watch, and the machine goes on.
                ProcessHandle supervisor = user.process();
                supervisor.destroy();
                supervisor.onExit().orTimeout(60, TimeUnit.SECONDS).join();
                many.add(one);
                many.add(two);
                for (Child each : many) {
                    assertThat(each.outcome().expect(125).err())
                            .isEqualTo("Error: the supervisor has ended, and the machine goes on: go back to it with:"
                                    + " fcvm attach; see fcvm ps\n");
                }
            }
            assertThat(user.call("attach", "shared")
                            .stdin("four\n".getBytes(StandardCharsets.UTF_8))
                            .run()
                            .expect(4)
                            .out())
                    .isEqualTo("got four\n");
            user.run("rm", "shared").expect(0);
        } finally {
            many.forEach(Child::close);
        }
    }

    private static void type(OutputStream to, String line) throws IOException {
        to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
    }

    @Test
    void shouldLoseNoLineAndDoubleNoneWhenTheSupervisorIsKilledAgainAndAgain(Fcvm fcvm, Archives archives, Place place)
            throws IOException {
        try (var user = new Supervised(fcvm)) {
            user.run(
                            "run",
                            "-d",
                            "--name",
                            "counter",
                            "--log-opt",
                            "max-size=64m",
                            plain(archives),
                            "/bin/sh",
                            "-c",
                            // Slow enough to be in the midst of it at each kill.
                            "i=0; while [ $i -lt " + LINES
                                    + " ]; do seq $i $((i+9999)); i=$((i+10000)); sleep 0.05; done; sleep 1000")
                    .expect(0);
            for (int time = 0; time < 3; time++) {
                ProcessHandle supervisor = user.process();
                supervisor.destroyForcibly();
                supervisor.onExit().join();
                assertThat(user.run("exec", "counter", "echo", "here").expect(0).out())
                        .isEqualTo("here\n");
            }
            String all = IntStream.range(0, LINES).mapToObj(line -> line + "\n").collect(Collectors.joining());
            Path file = place.root().resolve("lines");
            try (Child logs = user.supervised(fcvm.through("-f counter >" + file, new String[] {"logs"}))
                    .start()) {
                fcvm.await(logs, _ -> file.toFile().length() >= all.length());
                user.run("rm", "-f", "counter").expect(0);
                logs.outcome().expect(0);
                assertThat(Files.readString(file).equals(all))
                        .as("each line once, in order")
                        .isTrue();
            }
        }
    }

    @Test
    void shouldStartWhatWasCreatedWithItsEnvironmentAndRemoveItWithItsExitCodeKept(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            user.run(
                            "create",
                            "--rm",
                            "--name",
                            "later",
                            "-e",
                            "TOLD=yes",
                            plain(archives),
                            "sh",
                            "-c",
                            "echo $TOLD; exit 9")
                    .expect(0);
            assertThat(user.run("ps", "-a").expect(0).out()).contains("Created");
            assertThat(user.run("start", "-a", "later").expect(9).out()).isEqualTo("yes\n");
            assertThat(user.run("wait", "later").expect(0).out()).isEqualTo("9\n");
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
