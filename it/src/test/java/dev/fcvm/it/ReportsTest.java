package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Lane;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What fcvm itself says, and where. */
@MachineTest
class ReportsTest {

    private static final String SPEAK = "echo out; echo err >&2; exit 3";

    @ParameterizedTest
    @CsvSource(value = {"both, out, err", "stdout, out, ''", "stderr, '', err", "none, '', ''"})
    void shouldShowTheStreamsThatWereAskedFor(String logs, String out, String err, Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run("run", "--quiet", "--rm", "--logs", logs, plain(archives), "/bin/sh", "-c", SPEAK);

        outcome.expect(3);
        assertThat(outcome.out().strip()).isEqualTo(out);
        assertThat(outcome.err().strip()).isEqualTo(err);
    }

    @Test
    void shouldReportTheTimesOfARunAsJson(Fcvm fcvm, Archives archives) {
        Outcome outcome =
                fcvm.run("run", "--quiet", "--rm", "--timings=json", plain(archives), "/bin/sh", "-c", "echo out");

        outcome.expect(0);
        assertThat(outcome.out()).as("standard output is the container's").isEqualTo("out\n");
        Map<?, ?> timings = Json.object(outcome.err().lines().toList().getLast());
        assertThat(timings.toString())
                .contains("image", "prepare", "vmm-started", "agent-ready", "container-started", "first-byte", "exit");
    }

    @Test
    void shouldLeaveNoSocketOfJavasBehind(Fcvm fcvm, Archives archives) {
        try (Child run =
                fcvm.call("run", "--rm", "--quiet", plain(archives), "true").start()) {
            run.outcome().expect(0);
            assertThat(Path.of("/tmp/.java_pid" + run.pid())).doesNotExist();
        }
    }

    @Test
    void shouldSayInALineThatItFellBackToQemuAndWhyUnlessQuietOrAsked(Archives archives) {
        assumeTrue(!Lane.current().isFirecracker(), "nothing falls back to Firecracker");
        try (Fcvm fcvm = Fcvm.create()) {
            Outcome chosen = fallingBack(fcvm.call("run", "--rm", plain(archives), "true"));
            Outcome quiet = fallingBack(fcvm.call("run", "--rm", "--quiet", plain(archives), "true"));
            Outcome asked = fcvm.run("run", "--rm", "--vmm", "qemu", plain(archives), "true");

            assertThat(chosen.err()).matches("fcvm: qemu, .*FCVM_KVM=no forbids KVM.*\n");
            assertThat(quiet.err()).isEmpty();
            assertThat(asked.expect(0).err()).isEmpty();
        }
    }

    private static Outcome fallingBack(Child.Call call) {
        return call.env("FCVM_VMM", "auto").env("FCVM_KVM", "no").run().expect(0);
    }

    @Test
    void shouldJudgeTheHostLikeADoctor(Fcvm fcvm) {
        Outcome table = fcvm.run("doctor");
        assertThat(table.expect(0).out()).contains("QEMU", "skopeo");
        Outcome json = fcvm.run("doctor", "--json");
        json.expect(0);
        assertThat(json.out().strip()).matches("(?s)[\\[{].*[]}]");
    }

    @Test
    void shouldTellItsVersionAndExplainEachCommand(Fcvm fcvm) {
        assertThat(fcvm.run("--version").expect(0).out()).containsPattern("\\d+\\.\\d+\\.\\d+");
        for (String verb : List.of("run", "pull", "images", "rmi", "ps", "rm", "doctor", "init")) {
            assertThat(fcvm.run(verb, "--help").expect(0).out()).as(verb).contains("fcvm " + verb);
        }
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
