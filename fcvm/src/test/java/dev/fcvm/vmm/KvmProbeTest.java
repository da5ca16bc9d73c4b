package dev.fcvm.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripts that say what the real one may say; the real one is judged by what it finds on a host. */
final class KvmProbeTest {

    @TempDir
    Path directory;

    @Test
    void shouldUnderstandEveryVerdict() throws Exception {
        assertThat(verdict("{\"verdict\":\"usable\",\"more\":[1]}")).isEqualTo(new KvmVerdict.Usable());
        assertThat(verdict("{\"verdict\":\"slow\",\"reason\":\"slow\"}")).isEqualTo(new KvmVerdict.Emulated("slow"));
        assertThat(verdict("{\"verdict\":\"absent\",\"reason\":\"none\"}")).isEqualTo(new KvmVerdict.Absent("none"));
        assertThat(verdict("{\"verdict\":\"no-permission\",\"reason\":\"closed\",\"fix\":\"adduser\"}"))
                .isEqualTo(new KvmVerdict.NoPermission("adduser"));
    }

    @Test
    void shouldAskOnceAsLongAsNothingChanges() throws Exception {
        Path device = Files.createFile(directory.resolve("kvm"));
        KvmProbe first = probe("{\"verdict\":\"usable\"}", device);
        assertThat(first.verdict()).isEqualTo(new KvmVerdict.Usable());
        KvmProbe second = probe("{\"verdict\":\"absent\",\"reason\":\"gone\"}", device);
        assertThat(second.verdict()).isEqualTo(new KvmVerdict.Usable());
        Files.delete(device);
        assertThat(second.verdict()).isEqualTo(new KvmVerdict.Absent("gone"));
    }

    @Test
    void shouldAskAgainWhenWhatWasKeptCannotBeRead() throws Exception {
        Files.writeString(directory.resolve("kept.json"), "{\"boot\":");
        assertThat(probe("{\"verdict\":\"usable\"}", directory).verdict()).isEqualTo(new KvmVerdict.Usable());
    }

    @Test
    void shouldSayWhatToDoWhenTheScriptMakesNoSense() {
        assertThatThrownBy(() -> verdict("nonsense"))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("FCVM_KVM=yes");
        assertThatThrownBy(() -> verdict("{\"verdict\":\"maybe\"}")).hasMessageContaining("'maybe'");
        assertThatThrownBy(() ->
                        new KvmProbe(directory.resolve("missing"), directory.resolve("kept"), directory).verdict())
                .hasMessageContaining("missing");
    }

    private KvmVerdict verdict(String output) throws Exception {
        Files.deleteIfExists(directory.resolve("kept.json"));
        return probe(output, directory).verdict();
    }

    private KvmProbe probe(String output, Path device) throws IOException {
        Path script = Files.writeString(
                directory.resolve("probe"),
                "$ARGV[0] eq '--json' or die 'no --json'; print q(%s), \"\\n\";".formatted(output));
        return new KvmProbe(script, directory.resolve("kept.json"), device);
    }
}
