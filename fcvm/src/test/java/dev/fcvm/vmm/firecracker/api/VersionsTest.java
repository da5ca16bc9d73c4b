package dev.fcvm.vmm.firecracker.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VersionsTest {

    @ParameterizedTest
    @CsvSource({
        "CPU_CONFIG, 1.3.3, 1.4.0",
        "ENTROPY, 1.3.3, 1.4.0",
        "VHOST_USER_DRIVE, 1.5.1, 1.6.0",
        "LOG_MODULE, 1.5.1, 1.6.0",
        "HUGE_PAGES, 1.6.6, 1.7.0",
        "NETWORK_OVERRIDES, 1.11.0, 1.12.0",
        "IMDS_COMPATIBILITY, 1.12.1, 1.13.0",
        "TRACK_DIRTY_PAGES_ON_LOAD, 1.12.1, 1.13.0",
        "BALLOON_HINTING, 1.13.2, 1.14.0",
        "BALLOON_REPORTING, 1.13.2, 1.14.0",
        "SERIAL, 1.13.2, 1.14.0",
        "PMEM, 1.13.2, 1.14.0",
        "MEMORY_HOTPLUG, 1.13.2, 1.14.0",
        "CLOCK_REALTIME, 1.15.0, 1.15.1",
        "CLOCK_REALTIME, 1.14.3, 1.14.4",
        "CLOCK_REALTIME, 1.15.0, 1.16.0",
        "VSOCK_OVERRIDE, 1.15.1, 1.16.0",
        "MTU, 1.15.1, 1.16.0",
        "SERIAL_RATE_LIMITER, 1.15.1, 1.16.0",
        "PMEM_RATE_LIMITER, 1.15.1, 1.16.0",
        "DEVICE_HOTPLUG, 1.15.1, 1.16.0",
        "TRANSPARENT_HUGE_PAGES, 1.16.1, 1.17.0",
        "HUGE_PAGES_ON_LOAD, 1.16.1, 1.17.0",
        "METRICS_LABELS, 1.16.1, 1.17.0",
    })
    void shouldKnowInWhichVersionAFeatureCame(Feature feature, String before, String with) {
        assertThat(feature.isIn(FirecrackerVersion.of(before))).isFalse();
        assertThat(feature.isIn(FirecrackerVersion.of(with))).isTrue();
        assertThat(feature.refusal(FirecrackerVersion.of(before))).isPresent();
        assertThat(feature.refusal(FirecrackerVersion.of(with))).isEmpty();
    }

    @Test
    void shouldTakeAVersionNewerThanAllWeKnowForOneThatHasEverything() {
        FirecrackerVersion future = new FirecrackerVersion(3, 0, 0);
        assertThat(Arrays.stream(Feature.values())).allMatch(feature -> feature.isIn(future));
        assertThat(Arrays.stream(KnownFault.values())).noneMatch(fault -> fault.isIn(future));
    }

    @Test
    void shouldSayWhatIsMissingSinceWhenItIsThereAndWhatToDo() {
        assertThat(Feature.MTU.refusal(FirecrackerVersion.of("1.12.1")))
                .contains("firecracker 1.12.1 has no MTU for network interfaces; it came with 1.16.0: take a newer one,"
                        + " or leave it out and set it in the guest");
    }

    @ParameterizedTest
    @CsvSource({
        "BALLOON_STATISTICS_LOST, 1.0.1, 1.1.0, 1.13.2, 1.14.0",
        "LINK_DEAD_AFTER_RESTORE, 1.15.1, 1.16.0, 1.16.0, 1.16.1",
        "LINK_HANGS_AFTER_RESUME, 1.15.1, 1.16.0, 1.16.1, 1.17.0",
        "DIFF_CORRUPT, 1.13.2, 1.14.0, 1.14.1, 1.14.2",
    })
    void shouldKnowWhichVersionsHaveAFault(KnownFault fault, String before, String first, String last, String mended) {
        assertThat(fault.isIn(FirecrackerVersion.of(before))).isFalse();
        assertThat(fault.isIn(FirecrackerVersion.of(first))).isTrue();
        assertThat(fault.isIn(FirecrackerVersion.of(last))).isTrue();
        assertThat(fault.isIn(FirecrackerVersion.of(mended))).isFalse();
    }

    @Test
    void shouldWarnOfTheFaultARunningMachineCanMeet() {
        assertThat(KnownFault.warnings(FirecrackerVersion.of("1.12.1"))).isEmpty();
        assertThat(KnownFault.warnings(FirecrackerVersion.of("1.14.0"))).isEmpty();
        assertThat(KnownFault.warnings(FirecrackerVersion.of("1.16.1")))
                .containsExactly("firecracker 1.16.1 loses the link to a machine that is paused and goes on:"
                        + " do not pause, or take 1.17.0");
    }

    @Test
    void shouldOrderVersionsByTheirNumbersAndReadOnesOnTheWay() {
        assertThat(FirecrackerVersion.of("1.9.1").isAtLeast(FirecrackerVersion.of("1.10.0")))
                .isFalse();
        assertThat(FirecrackerVersion.parse("v1.17.0-dev")).contains(new FirecrackerVersion(1, 17, 0));
        assertThat(FirecrackerVersion.parse("1.17")).isEmpty();
        assertThat(FirecrackerVersion.parse("1.17.0 or so")).isEmpty();
        assertThat(FirecrackerVersion.parse("9999999.0.0")).isEmpty();
    }
}
