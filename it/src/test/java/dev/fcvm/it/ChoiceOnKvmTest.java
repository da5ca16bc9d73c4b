package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is chosen for a user who says nothing, on a host whose KVM runs guests. */
@MachineTest
class ChoiceOnKvmTest {

    private static final String CHOICE = "firecracker, because KVM runs guests here";

    /** Of the line that says why; what comes after a comma is for people to do. */
    private static final Pattern MENDING = Pattern.compile("mend it with: sudo ([^,)\\n]+)");

    @Test
    void shouldChooseFirecrackerForRootAndRunWhatMakeDemoEndsWith(Fcvm fcvm, Archives archives) {
        assertThat(fcvm.run("doctor").out()).contains(CHOICE);

        Outcome demo = fcvm.script("demo-run.sh", plain(archives)).run();

        assertThat(demo.expect(0).out()).contains("| kernel   Linux " + Fcvm.kernelRelease(), "| pid 1    sh");
        assertThat(demo.err()).isEmpty();
    }

    @Test
    void shouldFallBackForAUserWhoMayNotOpenKvmAndChooseFirecrackerOnceThatIsMendedAsTheLineSays(Archives archives) {
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user)) {
            user.lose("/dev/kvm");
            String mending;
            String said;
            try (Child run = fcvm.call("run", "--rm", plain(archives), "true").start()) {
                run.awaitErr("\n");
                String line = run.errSoFar();
                assertThat(line)
                        .startsWith("fcvm: qemu, emulating in software (")
                        .contains("/dev/kvm");
                Matcher command = MENDING.matcher(line);
                assertThat(command.find()).as("a command in %s", line).isTrue();
                mending = command.group(1);
                // The emulation's machine is none of this test's, and would take minutes where KVM is emulated too.
                run.signal("TERM");
                said = run.outcome().expect(143).err();
            }
            assertThat(mending).contains(user.name());
            Child.of(List.of("sh", "-c", mending)).run().expect(0);

            // The prefix logs in anew.
            assertThat(fcvm.run("doctor").out()).contains(CHOICE);
            Outcome run = fcvm.run("run", "--rm", plain(archives), "sh", "-c", "echo ran; exit 3");
            assertThat(run.expect(3).out()).isEqualTo("ran\n");
            // A word of a second best would stand here.
            assertThat(run.err()).as("the run before it said: %s", said).isEmpty();
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
