package dev.fcvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TscFrequencyTest {

    private static final String CPU = "sys/devices/system/cpu/cpu0/";
    private static final String CPUINFO = "model name\t: Some CPU @ 2.50GHz\ncpu MHz\t\t: 1234.567\n";

    @TempDir
    Path root;

    @Test
    void shouldTakeTheClockWhereItDoesNotChange() throws IOException {
        write("proc/cpuinfo", CPUINFO);
        assertThat(new TscFrequency(root).kiloHertz()).hasValue(1_234_567);
    }

    @Test
    void shouldNotTakeThePresentClockWhereItChanges() throws IOException {
        write("proc/cpuinfo", CPUINFO);
        Files.createDirectories(root.resolve(CPU + "cpufreq"));
        assertThat(new TscFrequency(root).kiloHertz()).hasValue(2_500_000);
        write(CPU + "acpi_cppc/nominal_freq", "2700\n");
        assertThat(new TscFrequency(root).kiloHertz()).hasValue(2_700_000);
        write(CPU + "cpufreq/base_frequency", "2600000\n");
        assertThat(new TscFrequency(root).kiloHertz()).hasValue(2_600_000);
        write(CPU + "tsc_freq_khz", "2599998\n");
        assertThat(new TscFrequency(root).kiloHertz()).hasValue(2_599_998);
    }

    @Test
    void shouldTellNothingWhereThereIsNothing() throws IOException {
        assertThat(new TscFrequency(root).kiloHertz()).isEmpty();
        write("proc/cpuinfo", "processor : 0\nBogoMIPS : 50.00\n");
        assertThat(new TscFrequency(root).kiloHertz()).isEmpty();
    }

    @Test
    void shouldFindThisHosts() {
        assertThat(TscFrequency.ofHost().kiloHertz().orElseThrow()).isBetween(500_000L, 10_000_000L);
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }
}
