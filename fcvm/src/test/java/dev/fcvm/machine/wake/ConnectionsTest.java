package dev.fcvm.machine.wake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConnectionsTest {

    /** As a kernel writes it: a listener at 80, a caller there, one who has left, and a call of the machine's own. */
    private static final String LISTING = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
            %s
               2: 02001EAC:0050 01001EAC:C351 06 00000000:00000000 00:00000000 00000000     0        0 3 1
               3: 02001EAC:A112 05060708:0050 01 00000000:00000000 00:00000000 00000000     0        0 4 1
            """;

    private static final String CALLER = "   1: 0000000000000000FFFF000002001EAC:0050"
            + " 0000000000000000FFFF000001001EAC:C350 01 00000000:00000000 00:00000000 00000000 0 0 2 1";

    @Test
    void shouldFindAConnectionAtOneOfThePortsAlone() {
        assertThat(Connections.isOneOpen(LISTING.formatted(CALLER), Set.of(443, 80)))
                .isTrue();
        assertThat(Connections.isOneOpen(LISTING.formatted(CALLER), Set.of(443)))
                .isFalse();
        assertThat(Connections.isOneOpen(LISTING.formatted(""), Set.of(80))).isFalse();
    }

    @Test
    void shouldTakeNothingForAConnectionThatIsNone() {
        assertThat(Connections.isOneOpen("", Set.of(80))).isFalse();
        assertThat(Connections.isOneOpen("a b c 01 d\n x :0050\n 1: :ZZZZ z 01\n", Set.of(80)))
                .isFalse();
    }

    @Test
    void shouldTakeWhatIsTooLongToReadForAnOpenConnection() {
        assertThat(Connections.isOneOpen("x".repeat(2 << 20), Set.of(80))).isTrue();
    }
}
