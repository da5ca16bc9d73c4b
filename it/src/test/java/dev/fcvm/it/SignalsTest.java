package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a signal to the command line does in the container. */
@MachineTest
class SignalsTest {

    @Test
    void shouldForwardEachSignalAndExitWithTheContainersCode(Fcvm fcvm, Archives archives) {
        try (Child child = fcvm.call("run", "--quiet", "--rm", plain(archives), "/bin/signals", "TERM")
                .start()) {
            child.awaitOut("ready\n");
            for (String signal : List.of("HUP", "INT", "QUIT", "USR1", "USR2", "TERM")) {
                child.signal(signal);
                child.awaitOut("got " + signal + "\n");
            }

            child.outcome().expect(40);
        }
    }

    @Test
    void shouldExitWith143WhenSigtermEndsTheContainer(Fcvm fcvm, Archives archives) {
        try (Child child = fcvm.call(
                        "run",
                        "--quiet",
                        "--rm",
                        plain(archives),
                        "/bin/sh",
                        "-c",
                        // Process 1 is spared by the kernel unless it catches the signal.
                        "trap 'trap - TERM; exit 143' TERM; echo ready; while :; do sleep 1 & wait $!; done")
                .start()) {
            child.awaitOut("ready\n");

            child.signal("TERM");

            child.outcome().expect(143);
        }
    }

    @Test
    void shouldExitWith137WhenTheContainerExceedsItsMemory(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run("run", "--quiet", "--rm", "-m", "64m", plain(archives), "/bin/tail", "/dev/zero");

        outcome.expect(137);
        assertThat(outcome.out()).isEmpty();
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
