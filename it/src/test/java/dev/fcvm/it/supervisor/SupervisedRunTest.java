package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Captured;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A machine's container has its caller's streams and signals, though the supervisor runs it. */
@MachineTest
class SupervisedRunTest {

    @Test
    void shouldCarryStreamsAndExitCodesOfTwoMachinesAtOnce(Fcvm fcvm, Archives archives) {
        var bytes = new byte[3_000_000];
        new Random(11).nextBytes(bytes);
        try (var user = new Supervised(fcvm)) {
            List<Child> children = List.of(
                    run(user, archives, "cat; echo one >&2; exit 3")
                            .stdin(bytes)
                            .start(),
                    run(user, archives, "cat; echo two >&2; exit 4")
                            .stdin(bytes)
                            .start());
            List<Outcome> outcomes = children.stream().map(Child::outcome).toList();

            for (int index = 0; index < 2; index++) {
                Outcome outcome = outcomes.get(index).expect(3 + index);
                assertThat(outcome.stdout().sha256()).isEqualTo(Captured.digest(bytes));
                assertThat(outcome.err()).endsWith(List.of("one\n", "two\n").get(index));
            }
            assertThat(user.all()).hasSize(1);
        }
    }

    @Test
    void shouldPassSignalsOnAndShowOtherCommandsTheMachine(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm);
                Child child = user.call(
                                "run", "--quiet", "--rm", "--name", "seen", plain(archives), "/bin/signals", "TERM")
                        .start()) {
            child.awaitOut("ready\n");
            assertThat(user.run("ps").expect(0).out()).contains("  Up ", "seen");
            child.signal("USR2");
            child.awaitOut("got USR2\n");
            child.signal("TERM");

            child.outcome().expect(40);
            assertThat(user.run("ps", "-a").expect(0).out()).doesNotContain("seen");
        }
    }

    @Test
    void shouldLeaveTheMachineOfALauncherThatWasKilledRunning(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm);
                Child child = run(user, archives, "echo ready; sleep 1000").start()) {
            child.awaitOut("ready\n");
            child.signal("KILL");
            child.closed();

            Outcome shown = user.call("ps", "--json").run().expect(0);
            assertThat(shown.out()).contains("\"running\"");
            String id = shown.out().replaceFirst("(?s).*\"id\":\"([0-9a-f]{32})\".*", "$1");
            assertThat(user.call("exec", id, "echo", "here").run().expect(0).out())
                    .isEqualTo("here\n");
            user.call("rm", "-f", id).run().expect(0);
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    private static Child.Call run(Supervised user, Archives archives, String script) {
        return user.call("run", "--quiet", "--rm", "-i", plain(archives), "/bin/sh", "-c", script);
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
