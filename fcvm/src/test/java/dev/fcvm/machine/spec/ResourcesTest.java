package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcesTest {

    private static final Resources.Capacity HOST = new Resources.Capacity(8, 16_000, true, 3_000);

    @Test
    void shouldLeaveTheContainerUnlimitedWhenNothingIsAskedFor() throws Exception {
        assertThat(Resources.of(Optional.empty(), Optional.empty(), HOST))
                .isEqualTo(new Resources(2, 3_000, Optional.empty(), OptionalLong.empty()));
    }

    @Test
    void shouldGiveOneCpuInSoftwareBecauseASecondSlowsItDown() throws Exception {
        var software = new Resources.Capacity(8, 16_000, false, 3_000);

        assertThat(Resources.of(Optional.empty(), Optional.empty(), software).vcpus())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "6m, 6291456, 512",
        "64M, 67108864, 512",
        "256m, 268435456, 512",
        "512m, 536870912, 768",
        "1g, 1073741824, 1536",
        "1.5g, 1610612736, 2048",
        "1GiB, 1073741824, 1536",
        "1gb, 1073741824, 1536",
        "1048576k, 1073741824, 1536",
        "8388608, 8388608, 512",
        "8388608b, 8388608, 512",
        "536870913, 536870913, 1024",
        "4g, 4294967296, 6144",
        "14g, 15032385536, 14592"
    })
    void shouldMakeTheMachineLargeEnoughForTheContainersLimit(String memory, long bytes, long mib) throws Exception {
        Resources resources = Resources.of(Optional.empty(), Optional.of(memory), HOST);

        assertThat(resources.containerMemory()).hasValue(bytes);
        assertThat(resources.memoryMib()).isEqualTo(mib);
    }

    @Test
    void shouldGiveNoMoreThanIsNeededWhereTheHostCountsMemoryThatIsNotTouched() throws Exception {
        var strict = new Resources.Capacity(8, 16_000, true, 0);

        assertThat(Resources.of(Optional.empty(), Optional.of("1g"), strict).memoryMib())
                .isEqualTo(1280);
        assertThat(Resources.of(Optional.empty(), Optional.of("6m"), strict).memoryMib())
                .isEqualTo(512);
    }

    @Test
    void shouldTakeNoMemoryLimitForZeroAsPodmanDoes() throws Exception {
        assertThat(Resources.of(Optional.empty(), Optional.of("0"), HOST).containerMemory())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "511, 512", "2000, 2000", "90000, 4096"})
    void shouldLendTheHostsMemoryWithinBoundsWhenNothingIsAskedFor(long share, long mib) throws Exception {
        var host = new Resources.Capacity(8, 200_000, true, share);

        assertThat(Resources.of(Optional.empty(), Optional.empty(), host).memoryMib())
                .isEqualTo(mib);
        assertThat(Resources.of(Optional.empty(), Optional.of("0"), host).memoryMib())
                .isEqualTo(mib);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0.0", ".0", "-1"})
    void shouldLimitNoCpuForZeroAndLessAsPodmanDoes(String none) throws Exception {
        Resources resources = Resources.of(Optional.of(none), Optional.empty(), HOST);

        assertThat(resources.containerCpus()).isEmpty();
        assertThat(resources.vcpus()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "0.5, 1", ".5, 1", "1.5, 2", "2.0, 2", "8, 8", "7.01, 8"})
    void shouldRoundTheMachinesCpusUpAndKeepTheContainersExact(String cpus, int vcpus) throws Exception {
        Resources resources = Resources.of(Optional.of(cpus), Optional.empty(), HOST);

        assertThat(resources.vcpus()).isEqualTo(vcpus);
        assertThat(resources.containerCpus()).hasValue(new BigDecimal(cpus));
    }

    @ParameterizedTest
    @CsvSource({"1e0, 1", "1E0, 1", "+1, 1", "1., 1", "15e-1, 2", "0x1p0, 1", "0x1.8p0, 2", "0.01, 1"})
    void shouldReadCpusAsPodmansLibraryReadsNumbers(String cpus, int vcpus) throws Exception {
        assertThat(Resources.of(Optional.of(cpus), Optional.empty(), HOST).vcpus())
                .isEqualTo(vcpus);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.009", "1e-3", "1e-999", "0x1p-99"})
    void shouldRefuseLessOfACpuThanTheKernelGives(String cpus) {
        assertThatThrownBy(() -> Resources.of(Optional.of(cpus), Optional.empty(), HOST))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("CPU cfs quota cannot be less than 1ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-",
                "9",
                "8.1",
                "many",
                "",
                "1e3",
                "1e999",
                "1e",
                "inf",
                "0x1p99",
                "0x1",
                "1 ",
                "NaN",
                "99999999999"
            })
    void shouldRefuseAbsurdCpus(String cpus) {
        assertThatThrownBy(() -> Resources.of(Optional.of(cpus), Optional.empty(), HOST))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--cpus is \"" + cpus + "\"")
                .hasMessageContaining("at most 8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"5m", "1", "-1g", "1x", "g", "", "512 mm", "16g", "9999999999g", "1e3m", "0x10m", "6291455"})
    void shouldRefuseAbsurdMemory(String memory) {
        assertThatThrownBy(() -> Resources.of(Optional.empty(), Optional.of(memory), HOST))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--memory is \"" + memory + "\"");
    }
}
