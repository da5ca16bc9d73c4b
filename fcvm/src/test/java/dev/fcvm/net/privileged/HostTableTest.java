package dev.fcvm.net.privileged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.settings.NetworkPool6;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostTableTest {

    private static final Inet4Address MACHINE = Inet4Address.ofLiteral("10.231.0.2");
    private static final Inet6Address MACHINE6 = (Inet6Address) InetAddress.ofLiteral("fd5e:7a1c:93d2::ae7:2");

    @Test
    void shouldLeadAPortOfOneAddressAndOneOfAllToTheMachine() {
        assertThat(HostTable.Element.of(port("0.0.0.0", Protocol.UDP), MACHINE))
                .isEqualTo(new HostTable.Element("published", "udp . 8080 : 10.231.0.2 . 80"));
        assertThat(HostTable.Element.of(port("192.0.2.1", Protocol.TCP), MACHINE))
                .isEqualTo(new HostTable.Element("published_on", "192.0.2.1 . tcp . 8080 : 10.231.0.2 . 80"));
        assertThat(HostTable.Element.of(port("::", Protocol.UDP), MACHINE6))
                .isEqualTo(new HostTable.Element("published6", "udp . 8080 : fd5e:7a1c:93d2::ae7:2 . 80"));
        assertThat(HostTable.Element.of(port("::1", Protocol.TCP), MACHINE6))
                .isEqualTo(new HostTable.Element("published6_on", "::1 . tcp . 8080 : fd5e:7a1c:93d2::ae7:2 . 80"));
    }

    @Test
    void shouldLetAMachineSendFromItsIpv6AddressesAlone() {
        MachineNetwork network = MachineNetwork.of(MACHINE);
        MachineNetwork6 addresses = MachineNetwork6.of(NetworkPool6.STANDARD, network);

        assertThat(addresses.machine()).isEqualTo(MACHINE6);
        assertThat(MachineNetwork6.of(addresses.machine())).isEqualTo(addresses);
        assertThat(MachineNetwork.of(MACHINE6)).isEqualTo(network);
        assertThat(HostTable.Element.of(network, addresses))
                .containsExactly(
                        new HostTable.Element("sources6", "\"fcvm0ae70000\" . fd5e:7a1c:93d2::ae7:2"),
                        new HostTable.Element("sources6", "\"fcvm0ae70000\" . fe80::2"),
                        new HostTable.Element("machines6", "fd5e:7a1c:93d2::ae7:2"));
    }

    @Test
    void shouldFindTheIpv6ElementsOfOneMachineInAListing() {
        String listing = """
                		type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
                		elements = { ::1 . tcp . 81 : fd5e:7a1c:93d2::ae7:2 . 80, 2001:db8::1 . udp . 53 : fd09::ae7:2 . 53,
                			     ::1 . udp . 81 : fd5e:7a1c:93d2::ae7:6 . 5353 }
                """;

        assertThat(HostTable.leadingTo(MACHINE, "published6_on", listing))
                .extracting(HostTable.Element::text)
                .containsExactly(
                        "::1 . tcp . 81 : fd5e:7a1c:93d2::ae7:2 . 80", "2001:db8::1 . udp . 53 : fd09::ae7:2 . 53");
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
