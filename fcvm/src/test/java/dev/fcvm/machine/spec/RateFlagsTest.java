package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.RateLimits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RateFlagsTest {

    @Test
    void shouldLimitNothingUnlessToldOtherwise() throws Exception {
        assertThat(RateFlags.NONE.limits()).isEqualTo(RateLimits.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "1048576, 1048576",
        "1m, 1048576",
        "10m, 10485760",
        "10M, 10485760",
        "10mb, 10485760",
        "10MiB, 10485760",
        "1.5m, 1572864",
        "1g, 1073741824",
        "8mbit, 1000000",
        "100mbit, 12500000",
        "1Gbit, 125000000",
        "1t, 1099511627776"
    })
    void shouldReadRatesInBytesAndBits(String text, long bytes) throws Exception {
        RateLimits limits = network(text, null).limits();
        assertThat(limits.networkBytesPerSecond()).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "m",
                "10x",
                "-10m",
                "10 m",
                "10mbits",
                "10mbps",
                "1e9",
                "0",
                "0m",
                "999",
                "1,5m",
                "9999999999999g",
                "10m\n"
            })
    void shouldRefuseRatesThatAreNoneOrAbsurd(String text) {
        assertThatThrownBy(() -> network(text, null).limits())
                .isInstanceOf(FcvmException.class)
                .message()
                .startsWith("--network-bandwidth is \"" + text.replace('\n', '?') + "\": ")
                .doesNotContain("\n");
    }

    @Test
    void shouldCountPacketsAndOperationsInThousands() throws Exception {
        assertThat(new RateFlags(Optional.empty(), Optional.of("10k"), Optional.empty(), Optional.of("500")).limits())
                .isEqualTo(new RateLimits(
                        OptionalLong.empty(), OptionalLong.of(10_000), OptionalLong.empty(), OptionalLong.of(500)));
        for (String text : List.of("", "0", "9", "-1", "1g", "k", "10m0")) {
            assertThatThrownBy(() -> network(null, text).limits())
                    .hasMessageStartingWith("--network-pps is \"" + text + "\": ");
        }
    }

    @Test
    void shouldRefuseDisksThatNoMachineWouldStartFrom() {
        assertThatThrownBy(() -> disk("5119k", null).limits()).hasMessageContaining("at least 5242880 bytes a second");
        assertThatThrownBy(() -> disk(null, "99").limits()).hasMessageContaining("at least 100 a second");
    }

    private static RateFlags network(@Nullable String bandwidth, @Nullable String packets) {
        return new RateFlags(
                Optional.ofNullable(bandwidth), Optional.ofNullable(packets), Optional.empty(), Optional.empty());
    }

    private static RateFlags disk(@Nullable String bandwidth, @Nullable String operations) {
        return new RateFlags(
                Optional.empty(), Optional.empty(), Optional.ofNullable(bandwidth), Optional.ofNullable(operations));
    }
}
