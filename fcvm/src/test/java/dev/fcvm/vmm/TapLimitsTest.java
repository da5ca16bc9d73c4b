package dev.fcvm.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.settings.RateLimits;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class TapLimitsTest {

    private static final OptionalLong NO = OptionalLong.empty();

    @Test
    void shouldLeaveATapWithoutLimitsAlone() {
        for (RateLimits limits :
                List.of(RateLimits.NONE, new RateLimits(NO, NO, OptionalLong.of(1), OptionalLong.of(1)))) {
            assertThat(TapLimits.tc("vmtap0", limits)).isEmpty();
            assertThat(TapLimits.nft("vmtap0", limits)).isEmpty();
        }
    }

    @Test
    void shouldQueueBytesToTheGuestAndDropThoseFromIt() {
        var limits = new RateLimits(OptionalLong.of(12_500_000), NO, NO, NO);
        assertThat(TapLimits.tc("vmtap0", limits))
                .isEqualTo("qdisc add dev vmtap0 root tbf rate 100000000bit burst 1250000 latency 100ms\n");
        assertThat(TapLimits.nft("vmtap0", limits)).isEqualTo("""
                        table netdev fcvm_limits {
                          chain from_guest {
                            type filter hook ingress device "vmtap0" priority filter; policy accept;
                            limit rate over 12500000 bytes/second burst 131100 bytes counter drop
                          }
                        }
                        """);
    }

    @Test
    void shouldCountPacketsBothWays() {
        var limits = new RateLimits(NO, OptionalLong.of(1000), NO, NO);
        assertThat(TapLimits.tc("vmtap0", limits)).isEmpty();
        assertThat(TapLimits.nft("vmtap0", limits)).isEqualTo("""
                        table netdev fcvm_limits {
                          chain from_guest {
                            type filter hook ingress device "vmtap0" priority filter; policy accept;
                            limit rate over 1000/second burst 100 packets counter drop
                          }
                          chain to_guest {
                            type filter hook egress device "vmtap0" priority filter; policy accept;
                            limit rate over 1000/second burst 100 packets counter drop
                          }
                        }
                        """);
    }

    @Test
    void shouldLetALongPacketPassAtAnyRate() {
        var limits = new RateLimits(OptionalLong.of(1000), OptionalLong.of(5), NO, NO);
        assertThat(TapLimits.tc("vmtap0", limits)).contains(" rate 8000bit burst 131100 ");
        assertThat(TapLimits.nft("vmtap0", limits))
                .contains("over 1000 bytes/second burst 131100 bytes ", "over 5/second burst 1 packets ");
    }

    @Test
    void shouldKeepBurstsWithinWhatTheKernelCounts() {
        var limits = new RateLimits(OptionalLong.of(1L << 40), OptionalLong.of(1L << 40), NO, NO);
        assertThat(TapLimits.tc("vmtap0", limits)).contains("burst 4294967295 ");
        assertThat(TapLimits.nft("vmtap0", limits)).contains("burst 4294967295 packets");
    }

    @Test
    void shouldNotMakeALimitOfNothing() {
        assertThatThrownBy(() -> new RateLimits(OptionalLong.of(0), NO, NO, NO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
