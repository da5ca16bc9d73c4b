package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import org.junit.jupiter.api.Test;

/** A command line that is killed in the middle of a run: its machine goes on, until its monitor is killed as well. */
@MachineTest
class SweepTest {

    @Test
    void shouldLeaveTheMachineOfAKilledRunRunningForTheNextCommandToTakeOver(Fcvm fcvm, Archives archives) {
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        try (Child living = fcvm.call("run", "--rm", "--name", "living", image, "/bin/signals", "TERM")
                        .start();
                Child killed = fcvm.call("run", "--rm", "--name", "killed", image, "/bin/signals", "TERM")
                        .start()) {
            living.awaitOut("ready\n");
            killed.awaitOut("ready\n");
            killed.signal("KILL");
            killed.closed();

            Outcome shown = fcvm.run("ps").expect(0);
            assertThat(shown.out().lines().filter(line -> line.endsWith("killed")))
                    .singleElement()
                    .asString()
                    .contains("  Up ");
            assertThat(fcvm.run("run", "--rm", image, "echo", "another")
                            .expect(0)
                            .out())
                    .isEqualTo("another\n");
            assertThat(fcvm.run("exec", "killed", "echo", "goes on").expect(0).out())
                    .isEqualTo("goes on\n");
            assertThat(fcvm.run("logs", "killed").expect(0).out()).isEqualTo("ready\n");

            fcvm.run("rm", "-f", "killed").expect(0);
            assertThat(fcvm.machines()).as("only the living one").hasSize(1);
            living.signal("INT");
            living.awaitOut("got INT\n");

            fcvm.run("rm", "-f", "living").expect(0);
            assertThat(living.outcome().expect(137).err())
                    .as("as podman: whoever watches is told of no failure")
                    .doesNotContain("Error");
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    @Test
    void shouldSweepTheMachineOfAKilledRunWhoseMonitorIsGoneAsWell(Fcvm fcvm, Archives archives) {
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        try (Child killed = fcvm.call("run", "--rm", "--name", "killed", image, "/bin/signals", "TERM")
                .start()) {
            killed.awaitOut("ready\n");
            killed.signal("KILL");
            killed.closed();
            fcvm.killMachines();

            assertThat(fcvm.run("ps").expect(0).out()).contains("Abandoned (fcvm gone)");
            Outcome next = fcvm.run("run", "--rm", "--name", "killed", image, "echo", "swept");

            next.expect(0);
            assertThat(next.out()).isEqualTo("swept\n");
            assertThat(next.err()).contains("cleared away what a killed run had left of machine killed\n");
            assertThat(fcvm.machines()).isEmpty();
        }
    }
}
