package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Whether {@code scripts/kvm-probe} tells a KVM that runs guests from everything else. */
class KvmProbeTest {

    private static final Path NULL = Path.of("/dev/null");

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);

    @Test
    void shouldAnswerQuicklyWhateverIsThere() {
        Outcome outcome = tree.call("kvm-probe", "--json").run();

        assertThat(outcome.out())
                .matches("\\{\"verdict\":\"(usable|slow|no-permission|absent)\",\"reason\":\"[^\"]+\","
                        + "\"instructionsPerSecond\":\\d+,\"bootId\":\"[0-9a-f-]{36}\",\"probe\":\"[0-9a-f]{8}\","
                        + "\"device\":\"[0-9:]*\",\"uptime\":\\d+\\}\n");
        assertThat(outcome.exitCode()).isEqualTo(outcome.out().contains("\"usable\"") ? 0 : 1);
        assertThat(outcome.took()).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void shouldCallAKvmSlowThatRunsFewerInstructionsASecondThanAsked() {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "no /dev/kvm for this user");

        Outcome outcome = tree.call("kvm-probe", "--least-mips", "1000000000").run();

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

    /** Of which a stop and going on is one that reaches the guest's own process: KVM_RUN is left by it. */
    @Test
    void shouldGoOnWhereASignalHasInterruptedTheGuest() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "no /dev/kvm for this user");

        // However slow this KVM is, its guest comes to the end of the loop.
        try (Child probe = tree.call("kvm-probe", "--least-mips", "0.001").start()) {
            while (probe.isAlive()) {
                for (long guest : children(probe.pid())) {
                    Child.of("kill", "-STOP", Long.toString(guest)).run();
                    Child.of("kill", "-CONT", Long.toString(guest)).run();
                }
            }

            assertThat(probe.outcome().out()).doesNotContain("exit reason").doesNotContain("at the loop");
        }
    }

    private static List<Long> children(long process) {
        return ProcessHandle.of(process)
                .map(handle -> handle.children().map(ProcessHandle::pid).toList())
                .orElse(List.of());
    }

    @Test
    void shouldBelieveAVerdictOfThisBootOnly() throws IOException {
        Path thisBoot = place.file("this.json", kept("usable", bootId(), digest(), NULL, 1));
        Path otherBoot =
                place.file("other.json", kept("usable", "00000000-0000-0000-0000-000000000000", digest(), NULL, 1));

        assertThat(probeNull(thisBoot).out()).isEqualTo("usable: kept\n");
        assertThat(probeNull(otherBoot).out()).startsWith("slow: ");
    }

    @Test
    void shouldBelieveAVerdictOfItselfAndOfTheSameDeviceOnly() throws IOException {
        Path another = place.file("another.json", kept("usable", bootId(), "0badcafe", NULL, 1));
        Path elsewhere = place.file("elsewhere.json", kept("usable", bootId(), digest(), Path.of("/dev/zero"), 1));

        assertThat(probeNull(another).out()).startsWith("slow: ");
        assertThat(probeNull(elsewhere).out()).startsWith("slow: ");
    }

    @Test
    void shouldBelieveThatAKvmIsSlowForMinutesOnly() throws IOException {
        long now = Long.parseLong(Files.readString(Path.of("/proc/uptime")).split("\\.", 2)[0]);
        Path young = place.file("young.json", kept("slow", bootId(), digest(), NULL, now - 60));
        Path old = place.file("old.json", kept("slow", bootId(), digest(), NULL, now - 301));
        Path ahead = place.file("ahead.json", kept("slow", bootId(), digest(), NULL, now + 1000));

        assertThat(probeNull(young).out()).isEqualTo("slow: kept\n");
        assertThat(probeNull(old).out()).startsWith("slow: the test guest did not run");
        assertThat(probeNull(ahead).out()).startsWith("slow: the test guest did not run");
    }

    @Test
    void shouldKeepWhatAGuestShowedAndNothingElse() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "no /dev/kvm for this user");
        Path cache = place.root().resolve("cache.json");

        Outcome first =
                tree.call("kvm-probe", "--json", "--cache", cache.toString()).run();
        assertThat(cache).content().isEqualTo(first.out());
        assertThat(tree.call("kvm-probe", "--json", "--cache", cache.toString())
                        .run()
                        .out())
                .startsWith(first.out().replaceFirst("\"uptime\".*\n", ""));

        probeNull(cache);
        assertThat(cache).doesNotExist();
    }

    @Test
    void shouldAskTheDeviceAgainWhateverIsKept() throws IOException {
        Path cache = place.file("kept.json", kept("usable", bootId(), digest(), NULL, 1));

        Outcome outcome = tree.call("kvm-probe", "--cache", cache.toString(), "--device", "/nonexistent/kvm")
                .run();

        assertThat(outcome.out()).startsWith("absent: ");
    }

    private static String kept(String verdict, String boot, String probe, Path device, long uptime) throws IOException {
        return "{\"verdict\":\"%s\",\"reason\":\"kept\",\"instructionsPerSecond\":7,\"bootId\":\"%s\",\"probe\":\"%s\",\"device\":\"%s:%s\",\"uptime\":%d}\n"
                .formatted(
                        verdict,
                        boot,
                        probe,
                        Files.getAttribute(device, "unix:rdev"),
                        Files.getAttribute(device, "unix:ino"),
                        uptime);
    }

    private static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private String digest() throws IOException {
        var sum = new CRC32();
        sum.update(Files.readAllBytes(tree.home().resolve("scripts/kvm-probe")));
        return HexFormat.of().toHexDigits(sum.getValue(), 8);
    }

    private Outcome probeNull(Path cache) {
        return tree.call("kvm-probe", "--cache", cache.toString(), "--device", "/dev/null")
                .run();
    }
}
