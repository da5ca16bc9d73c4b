package dev.fcvm.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripts that say what the real one may say; that one is judged by what it finds on a host. */
final class KvmProbeTest {

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
        keep(json("slow", "kept", bootId()));
        KvmProbe probe = probe(json("absent", "asked", bootId()), device);
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Emulated("kept"));
        Files.delete(device);
        assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Absent("asked"));
    }

    @Test
    void shouldAskAgainAfterABootAndWhenWhatWasKeptCannotBeRead() throws Exception {
        KvmProbe probe = probe(json("usable", "asked", bootId()), directory);
        for (String kept : new String[] {json("slow", "kept", "another-boot"), "{\"verdict\":", "", "{}"}) {
            keep(kept);
            assertThat(probe.verdict()).isEqualTo(new KvmVerdict.Usable());
        }
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
        Path cache = directory.resolve("kept.json");
        KvmProbe probe = KvmProbe.ofHost(Path.of("../scripts/kvm-probe"), cache);
        KvmVerdict verdict = probe.verdict();
        assertThat(KvmProbe.ofHost(directory.resolve("none"), cache))
                .satisfies(again -> assertThat(Files.exists(cache) ? again.verdict() : verdict)
                        .isEqualTo(verdict));
    }

    private KvmVerdict verdict(String verdict, String reason) throws Exception {
        return probe(json(verdict, reason, bootId()), directory).verdict();
    }

    private static String json(String verdict, String reason, String boot) {
        return "{\"verdict\":\"%s\",\"reason\":\"%s\",\"instructionsPerSecond\":7,\"bootId\":\"%s\"}"
                .formatted(verdict, reason, boot);
    }

    private static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private void keep(String text) throws IOException {
        Files.writeString(directory.resolve("kept.json"), text);
    }

    private KvmProbe probe(String output, Path device) throws IOException {
        Path script = Files.writeString(
                directory.resolve("probe"),
                "$ARGV[0] eq '--json' or die 'no --json'; print q(%s), \"\\n\"; exit 1;".formatted(output));
        return new KvmProbe(script, directory.resolve("kept.json"), device);
    }
}
