package dev.fcvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.TestSpecs;
import dev.fcvm.vmm.VmSpec;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class TapLimitsTest {

    private static final OptionalLong NO = OptionalLong.empty();

    @Test
    void shouldLeaveATapWithoutLimitsAlone() {
        for (RateLimits limits :
                List.of(RateLimits.NONE, new RateLimits(NO, NO, OptionalLong.of(1), OptionalLong.of(1)))) {
            assertThat(TapLimits.rules("vmtap0", limits)).isEmpty();
        }
    }

    @Test
    void shouldDropWhatIsTooMuchEachWay() {
        var limits = new RateLimits(OptionalLong.of(12_500_000), OptionalLong.of(1000), NO, NO);
        assertThat(TapLimits.rules("vmtap0", limits)).isEqualTo("""
                        table netdev fcvm_limits {
                          chain from_guest {
                            type filter hook ingress device "vmtap0" priority filter; policy accept;
                            limit rate over 12500000 bytes/second burst 131100 bytes counter drop
                            limit rate over 1000/second burst 100 packets counter drop
                          }
                          chain to_guest {
                            type filter hook egress device "vmtap0" priority filter; policy accept;
                            limit rate over 12500000 bytes/second burst 131100 bytes counter drop
                            limit rate over 1000/second burst 100 packets counter drop
                          }
                        }
                        """);
    }

    @Test
    void shouldLimitBytesAndPacketsEachByItself() {
        assertThat(TapLimits.rules("vmtap0", new RateLimits(OptionalLong.of(1000), NO, NO, NO)))
                .doesNotContain("packets");
        assertThat(TapLimits.rules("vmtap0", new RateLimits(NO, OptionalLong.of(5), NO, NO)))
                .doesNotContain("bytes")
                .contains("over 5/second burst 1 packets ");
    }

    @Test
    void shouldKeepBurstsWithinWhatTheKernelCounts() {
        assertThat(TapLimits.rules("vmtap0", new RateLimits(NO, OptionalLong.of(1L << 40), NO, NO)))
                .contains("burst 4294967295 packets");
    }

    @Test
    void shouldBelongToTheRulesOfTheMachinesNetwork() {
        var limits = new RateLimits(NO, OptionalLong.of(5), NO, NO);
        VmSpec joined =
                TestSpecs.twoDisks().limited(limits).with(new VmSpec.Network(1500, "links", "table inet a {}\n"));
        assertThat(TapLimits.carriedOut(joined).network())
                .hasValue(new VmSpec.Network(1500, "links", "table inet a {}\n" + TapLimits.rules("vmtap0", limits)));
        assertThat(TapLimits.carriedOut(joined.limited(RateLimits.NONE)).network())
                .hasValue(new VmSpec.Network(1500, "links", "table inet a {}\n"));
        assertThat(TapLimits.carriedOut(TestSpecs.twoDisks()).network()).isEmpty();
    }

    @Test
    void shouldNotMakeALimitOfNothing() {
        assertThatThrownBy(() -> new RateLimits(OptionalLong.of(0), NO, NO, NO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
