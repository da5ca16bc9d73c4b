package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import org.junit.jupiter.api.Test;

/** A command line that is killed in the middle of a run, and the next run that cleans up after it. */
@MachineTest
class SweepTest {

    @Test
    void shouldSweepTheMachineOfAKilledRunAndLeaveALivingOneAlone(Fcvm fcvm, Archives archives) {
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        try (Child living = fcvm.call("run", "--rm", "--name", "living", image, "/bin/signals", "TERM")
                        .start();
                Child killed = fcvm.call("run", "--rm", "--name", "killed", image, "/bin/signals", "TERM")
                        .start()) {
            living.awaitOut("ready\n");
            killed.awaitOut("ready\n");
            killed.signal("KILL");
            // The guest, the sockets and the scratch disk are still there: nobody was left to take them away.
            killed.closed();
            assertThat(fcvm.machines()).hasSize(2);
            assertThat(fcvm.leaks())
                    .anyMatch(line ->
                            line.startsWith("process ") && (line.contains("qemu") || line.contains("firecracker")));

            Outcome shown = fcvm.run("ps").expect(0);
            assertThat(shown.out().lines().filter(line -> line.endsWith("killed")))
                    .as("what runs is shown, and that nobody sees to it")
                    .singleElement()
                    .asString()
                    .contains("Abandoned (fcvm gone)");
            assertThat(shown.err()).contains("the next fcvm run ends it, or fcvm rm -f NAME");

            Outcome next = fcvm.run("run", "--rm", "--name", "killed", image, "echo", "swept");

            next.expect(0);
            assertThat(next.out()).isEqualTo("swept\n");
            assertThat(next.err()).contains("killed");
            assertThat(fcvm.machines()).as("only the living one").hasSize(1);
            living.signal("TERM");
            living.outcome().expect(40);
        }
    }
}
