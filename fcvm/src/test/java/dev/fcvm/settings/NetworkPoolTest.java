package dev.fcvm.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NetworkPoolTest {

    @Test
    void shouldDivideANetworkAmongMachines() {
        NetworkPool pool = NetworkPool.parse("192.168.200.0/24").orElseThrow();

        assertThat(pool.size()).isEqualTo(64);
        assertThat(NetworkPool.address(pool.network(63)).getHostAddress()).isEqualTo("192.168.200.252");
        assertThatThrownBy(() -> pool.network(64)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(pool).hasToString("192.168.200.0/24");
    }

    @Test
    void shouldKnowWhatLiesInIt() {
        NetworkPool pool = NetworkPool.STANDARD;

        assertThat(pool.holds(pool.network(7), 30)).isTrue();
        assertThat(pool.holds(pool.base(), 16)).isTrue();
        assertThat(pool.holds(10 << 24, 8)).isFalse();
        assertThat(pool.holds(10 << 24 | 232 << 16, 24)).isFalse();
    }
}
