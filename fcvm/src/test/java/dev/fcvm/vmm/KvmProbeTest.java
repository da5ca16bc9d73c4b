package dev.fcvm.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripts that say what the real one may say; that one is judged by what it finds on a host. */
final class KvmProbeTest {

    private static final Path REAL_SCRIPT = Path.of("../scripts/kvm-probe");

    @TempDir
    Path directory;

    @Test
    void shouldUnderstandEveryVerdict() throws Exception {
        assertThat(verdict("usable", "quick")).isEqualTo(new KvmVerdict.Usable());
        assertThat(verdict("slow", "it crawls")).isEqualTo(new KvmVerdict.Emulated("it crawls"));
        assertThat(verdict("absent", "there is none")).isEqualTo(new KvmVerdict.Absent("there is none"));
        assertThat(verdict("no-permission", "closed"))
                .isInstanceOfSatisfying(
                        KvmVerdict.NoPermission.class,
                        verdict -> assertThat(verdict.fix()).startsWith("sudo setfacl -m u:"));
    }

    @Test
    void shouldTakeTheKeptVerdictOfThisBootWhileTheDeviceIsOpen() throws Exception {
        Path device = Files.createFile(directory.resolve("kvm"));
        KvmProbe probe = probe(said("absent", "asked"), device);
        keep(kept(probe, "slow"));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Emulated("kept"));
        Files.delete(device);
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Absent("asked"));
    }

    @Test
    void shouldKeepAYesForTheBootAndANoForMinutes() throws Exception {
        KvmProbe probe = probe(said("absent", "asked"), directory);
        long now = uptime();
        keep(kept(probe, "usable", bootId(), now - 1_000_000));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Usable());
        keep(kept(probe, "slow", bootId(), now - 200));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Emulated("kept"));
        keep(kept(probe, "slow", bootId(), now - 301));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Absent("asked"));
        // From a clock that was ahead: nobody knows how old it is.
        keep(kept(probe, "slow", bootId(), now + 1000));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Absent("asked"));
    }

    @Test
    void shouldAskAgainAfterABootAndWhenWhatWasKeptCannotBeRead() throws Exception {
        KvmProbe probe = probe(said("usable", "asked"), directory);
        String early = "{\"verdict\":\"slow\",\"reason\":\"of an older fcvm\",\"bootId\":\"%s\"}".formatted(bootId());
        for (String kept :
                new String[] {kept(probe, "slow", "another-boot", uptime()), early, "{\"verdict\":", "", "{}"}) {
            keep(kept);
            assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Usable());
        }
    }

    @Test
    void shouldAskAgainWhenTheScriptIsAnotherOne() throws Exception {
        KvmProbe probe = probe(said("usable", "asked"), directory);
        keep(kept(probe, "slow"));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Emulated("kept"));
        Files.writeString(probe.script(), Files.readString(probe.script()) + "# mended\n");
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Usable());
    }

    /** As it does when KVM's modules are loaded anew, with other options. */
    @Test
    void shouldAskAgainWhenTheDeviceIsAnotherOne() throws Exception {
        Path device = Files.createFile(directory.resolve("kvm"));
        KvmProbe probe = probe(said("slow", "asked"), device);
        keep(kept(probe, "usable"));
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Usable());
        // Made while the old one is there, so that it has another inode.
        Path another = Files.createFile(directory.resolve("another"));
        Files.move(another, device, StandardCopyOption.REPLACE_EXISTING);
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Emulated("asked"));
    }

    @Test
    void shouldAskAgainWhenItWasToldToForget() throws Exception {
        KvmProbe probe = probe(said("slow", "asked"), directory);
        keep(kept(probe, "usable"));
        probe.forget();
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Emulated("asked"));
        probe.forget(); // there is nothing to forget, which is no failure
    }

    @Test
    void shouldSayWhatToDoWhenTheScriptMakesNoSense() {
        assertThatThrownBy(() -> probe("nonsense", directory).verdict())
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("FCVM_KVM=yes");
        assertThatThrownBy(() -> verdict("maybe", "")).hasMessageContaining("'maybe'");
        assertThatThrownBy(() ->
                        new KvmProbe(directory.resolve("missing"), directory.resolve("kept"), directory).verdict())
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void shouldUnderstandTheRealScript() throws Exception {
        assertThat(KvmProbe.ofHost(REAL_SCRIPT, directory.resolve("kept.json")).verdict())
                .isNotNull();
    }

    /** Both read and write the same file: each must believe what the other keeps. */
    @Test
    void shouldBelieveWhatTheRealScriptKeepsAndBeBelievedByIt() throws Exception {
        Path script = Files.copy(REAL_SCRIPT, directory.resolve("probe"));
        // Something that can be opened and is no KVM; so what is said of it as kept is not found out now.
        KvmProbe probe = new KvmProbe(script, directory.resolve("kept.json"), Path.of("/dev/zero"));
        keep(kept(probe, "usable"));
        assertThat(run(script, probe)).isEqualTo("usable: kept\n");
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Usable());
        Files.writeString(script, Files.readString(script) + "# mended\n");
        assertThat(run(script, probe)).startsWith("slow: the test guest did not run");
        assertThat(probe.cache()).doesNotExist();
    }

    private static String run(Path script, KvmProbe probe) throws IOException {
        Process process = new ProcessBuilder(
                        "perl",
                        script.toString(),
                        "--device",
                        probe.device().toString(),
                        "--cache",
                        probe.cache().toString())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private KvmVerdict verdict(String verdict, String reason) throws Exception {
        return probe(said(verdict, reason), directory).verdict();
    }

    private static String said(String verdict, String reason) {
        return "{\"verdict\":\"%s\",\"reason\":\"%s\",\"instructionsPerSecond\":7}".formatted(verdict, reason);
    }

    private static String kept(KvmProbe probe, String verdict) throws IOException {
        return kept(probe, verdict, bootId(), uptime());
    }

    private static String kept(KvmProbe probe, String verdict, String boot, long uptime) throws IOException {
        var sum = new CRC32();
        sum.update(Files.readAllBytes(probe.script()));
        return ("{\"verdict\":\"%s\",\"reason\":\"kept\",\"instructionsPerSecond\":7,\"bootId\":\"%s\",\"probe\":\"%s\","
                        + "\"device\":\"%s:%s\",\"uptime\":%d}\n")
                .formatted(
                        verdict,
                        boot,
                        HexFormat.of().toHexDigits(sum.getValue(), 8),
                        Files.getAttribute(probe.device(), "unix:rdev"),
                        Files.getAttribute(probe.device(), "unix:ino"),
                        uptime);
    }

    private static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private static long uptime() throws IOException {
        String text = Files.readString(Path.of("/proc/uptime"));
        return Long.parseLong(text.substring(0, text.indexOf('.')));
    }

    private void keep(String text) throws IOException {
        Files.writeString(directory.resolve("kept.json"), text);
    }

    private KvmProbe probe(String output, Path device) throws IOException {
        Path script = Files.writeString(
                directory.resolve("probe"),
                "$ARGV[0] eq '--json' or die 'no --json'; print q(%s), \"\\n\"; exit 1;\n".formatted(output));
        return new KvmProbe(script, directory.resolve("kept.json"), device);
    }
}
