package dev.fcvm.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostTableTest {

    private static final Inet4Address MACHINE = Inet4Address.ofLiteral("10.231.0.2");

    @Test
    void shouldLeadAPortOfOneAddressAndOneOfAllToTheMachine() {
        assertThat(HostTable.Element.of(port("0.0.0.0", Protocol.UDP), MACHINE))
                .isEqualTo(new HostTable.Element("published", "udp . 8080 : 10.231.0.2 . 80"));
        assertThat(HostTable.Element.of(port("192.0.2.1", Protocol.TCP), MACHINE))
                .isEqualTo(new HostTable.Element("published_on", "192.0.2.1 . tcp . 8080 : 10.231.0.2 . 80"));
    }

    @Test
    void shouldFindTheElementsOfOneMachineInAListing() {
        String listing = """
                table inet fcvm {
                	map published {
                		type inet_proto . inet_service : ipv4_addr . inet_service
                		elements = { tcp . 81 : 10.231.0.2 . 80, udp . 53 : 10.231.0.22 . 53,
                			     udp . 81 : 10.231.0.2 . 5353 }
                	}
                }
                """;

        assertThat(HostTable.leadingTo(MACHINE, "published", listing))
                .extracting(HostTable.Element::text)
                .containsExactly("tcp . 81 : 10.231.0.2 . 80", "udp . 81 : 10.231.0.2 . 5353");
    }

    private static PublishedPort port(String address, Protocol protocol) {
        return new PublishedPort(Optional.of(InetAddress.ofLiteral(address)), 8080, 80, protocol);
    }
}
