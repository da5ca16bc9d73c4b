package dev.fcvm.net.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class CardTrafficTest {

    private static final String DEVICES = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 9999999     999    0    0    0     0          0         0  9999999     999    0    0    0     0       0          0
            vmtap0:    1060      12    0    0    0     0          0         0     2044      30    0    0    0     0       0          0
            """;

    @Test
    void shouldCountThePacketsOfTheCardBothWays() throws Exception {
        assertThat(CardTraffic.packets(DEVICES)).isEqualTo(42);
        assertThat(CardTraffic.packets("")).as("without a card").isZero();
    }

    @Test
    void shouldSayThatAProcessIsGone() {
        assertThatThrownBy(() -> CardTraffic.packets(Long.MAX_VALUE)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> CardTraffic.packets("vmtap0: 1 2 3\n")).isInstanceOf(IOException.class);
    }
}
