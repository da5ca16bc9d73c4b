package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** That {@code fcvm doctor --deep} says of machines what is so, because it has booted one, and leaves nothing of it. */
@MachineTest
class DeepDoctorTest {

    @Test
    void shouldSayHowSoonTheAgentOfARealMachineAnswered(Fcvm fcvm) {
        Outcome outcome = fcvm.run("doctor", "--deep").expect(0);

        assertThat(outcome.out())
                .containsPattern("  ok       " + fcvm.lane().vmm()
                        + " boot +a machine booted in [^\n]*: its agent answered [0-9]+\\.[0-9]{2} s after the start\n")
                .endsWith("A machine can run here.\n");
        assertThat(fcvm.machines()).isEmpty();
    }

    @Test
    void shouldShowTheConsoleAndFailWhenNoMachineBoots(Place place) {
        Path initramfs = Guests.initramfs(place, "echo the last words of this guest; exec /bin/poweroff -f");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs)) {
            Outcome outcome = fcvm.run("doctor", "--deep", "--json").expect(1);

            Map<?, ?> report = Json.object(outcome.out());
            assertThat(report.get("usable")).isEqualTo(false);
            assertThat(boots(report)).singleElement().satisfies(boot -> {
                assertThat(boot.get("status")).isEqualTo("missing");
                assertThat((String) boot.get("detail"))
                        .startsWith("no machine boots in " + fcvm.lane().vmm())
                        .contains("the last words of this guest");
            });
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    @Test
    void shouldEndInOrderAtASignal(Place place) {
        Path initramfs = Guests.initramfs(place, "echo asleep; while :; do sleep 1000; done");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs);
                Child child = fcvm.call("doctor", "--deep").start()) {
            fcvm.await(
                    child,
                    seen -> seen.processes()
                            .anyMatch(line -> line.contains("-kernel") || line.contains("firecracker")));
            child.signal("TERM");

            assertThat(child.outcome().exitCode()).isEqualTo(143);
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    /** A stand-in for a QEMU on a KVM that was found usable, and is no more. */
    @Test
    void shouldNotRelyAnyMoreOnAKvmOnWhichTheMonitorFailed() throws IOException {
        Path device = Path.of("/dev/kvm");
        Assumptions.assumeTrue(Files.isReadable(device) && Files.isWritable(device), "no /dev/kvm for this user");
        try (Fcvm fcvm = Fcvm.create()) {
            Path kept = fcvm.data().resolve("kvm-probe.json");
            Files.writeString(kept, usable(device));

            String said = fcvm.call("doctor", "--deep", "--vmm", "qemu", "--kvm", "auto")
                    .env("FCVM_QEMU", "/bin/false")
                    .run()
                    .expect(1)
                    .out();

            assertThat(said).contains("no machine boots in qemu with KVM");
            assertThat(kept).content().doesNotContain("kept by a test");
        }
    }

    private static String usable(Path device) throws IOException {
        var sum = new CRC32();
        sum.update(Files.readAllBytes(script()));
        return ("{\"verdict\":\"usable\",\"reason\":\"kept by a test\",\"instructionsPerSecond\":7,\"bootId\":\"%s\","
                        + "\"probe\":\"%s\",\"device\":\"%s:%s\",\"uptime\":1}\n")
                .formatted(
                        Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                                .strip(),
                        HexFormat.of().toHexDigits(sum.getValue(), 8),
                        Files.getAttribute(device, "unix:rdev"),
                        Files.getAttribute(device, "unix:ino"));
    }

    private static Path script() {
        return Path.of(System.getProperty("fcvm.test.repository", ".."), "build/dist/scripts/kvm-probe");
    }

    private static List<Map<?, ?>> boots(Map<?, ?> report) {
        return ((List<?>) Objects.requireNonNull(report.get("checks")))
                .stream()
                        .<Map<?, ?>>map(check -> (Map<?, ?>) check)
                        .filter(check -> String.valueOf(check.get("id")).startsWith("boot-"))
                        .toList();
    }
}
