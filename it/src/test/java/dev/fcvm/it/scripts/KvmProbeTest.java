package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Whether {@code scripts/kvm-probe} tells a KVM that runs guests from everything else. */
class KvmProbeTest {

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);

    @Test
    void shouldAnswerQuicklyWhateverIsThere() {
        Outcome outcome = tree.call("kvm-probe", "--json").run();

        assertThat(outcome.out())
                .matches("\\{\"verdict\":\"(usable|slow|no-permission|absent)\",\"reason\":\"[^\"]+\","
                        + "\"instructionsPerSecond\":\\d+,\"bootId\":\"[0-9a-f-]{36}\"\\}\n");
        assertThat(outcome.exitCode()).isEqualTo(outcome.out().contains("\"usable\"") ? 0 : 1);
        assertThat(outcome.took()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void shouldCallAKvmSlowThatCannotRunAMillionInstructionsInTime() {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "no /dev/kvm for this user");

        Outcome outcome = tree.call("kvm-probe", "--cpu-ms", "0").run();

        assertThat(outcome.expect(1).out()).startsWith("slow: ");
    }

    @Test
    void shouldSayThatTheDeviceIsAbsent() {
        Outcome outcome =
                tree.call("kvm-probe", "--device", "/nonexistent/kvm").run().expect(1);

        assertThat(outcome.out()).isEqualTo("absent: there is no /nonexistent/kvm\n");
    }

    @Test
    void shouldSayThatTheUserMayNotOpenTheDevice() throws IOException {
        Path device = place.file("kvm", "");
        Files.setPosixFilePermissions(device, Set.of());
        List<String> withoutRights = OrdinaryUser.possible()
                ? List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")
                : List.of();

        Outcome outcome = tree.call(withoutRights, "kvm-probe", "--device", device.toString())
                .run()
                .expect(1);

        assertThat(outcome.out()).startsWith("no-permission: ");
    }

    @Test
    void shouldNotTakeAnyDeviceForKvm() {
        Outcome outcome = tree.call("kvm-probe", "--device", "/dev/null").run().expect(1);

        assertThat(outcome.out()).startsWith("slow: the test guest did not run");
    }

    @Test
    void shouldBelieveAVerdictOfThisBootOnly() throws IOException {
        String boot =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        String kept = "{\"verdict\":\"usable\",\"reason\":\"kept\",\"instructionsPerSecond\":7,\"bootId\":\"%s\"}\n";
        Path thisBoot = place.file("this.json", kept.formatted(boot));
        Path otherBoot = place.file("other.json", kept.formatted("00000000-0000-0000-0000-000000000000"));

        assertThat(probeNull(thisBoot).out()).isEqualTo("usable: kept\n");
        assertThat(probeNull(otherBoot).out()).startsWith("slow: ");
        assertThat(otherBoot).content().contains(boot).contains("\"slow\"");
    }

    @Test
    void shouldAskTheDeviceAgainWhateverIsKept() throws IOException {
        String boot =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        Path kept = place.file(
                "kept.json",
                "{\"verdict\":\"usable\",\"reason\":\"kept\",\"instructionsPerSecond\":7,\"bootId\":\"%s\"}\n"
                        .formatted(boot));

        Outcome outcome = tree.call("kvm-probe", "--cache", kept.toString(), "--device", "/nonexistent/kvm")
                .run();

        assertThat(outcome.out()).startsWith("absent: ");
    }

    private Outcome probeNull(Path cache) {
        return tree.call("kvm-probe", "--cache", cache.toString(), "--device", "/dev/null")
                .run();
    }
}
