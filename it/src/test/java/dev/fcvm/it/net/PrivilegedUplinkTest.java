package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The uplink of machines started as root, with real packets: what reaches whom. */
@Tag("machine")
@Timeout(300)
class PrivilegedUplinkTest extends UplinkWorld {

    @Test
    void shouldAnswerOnPublishedPortsFromOutsideAndFromTheHost() throws Exception {
        Namespace machine = machine(
                "a", "tcp,0.0.0.0,8080,80", "udp,0.0.0.0,8080,80", "tcp,127.0.0.1,8081,80", "udp,127.0.0.1,8081,80");
        machine.serve("a", 80);
        String gateway = machine.run("ip", "route", "show", "default").split(" ", -1)[2];

        for (String protocol : List.of("tcp", "udp")) {
            assertThat(neighbour.ask(protocol, HOST, 8080)).as(protocol).isEqualTo("a to " + NEIGHBOUR);
            assertThat(host.ask(protocol, HOST, 8080)).as(protocol).isEqualTo("a to " + HOST);
            assertThat(host.ask(protocol, "127.0.0.1", 8080)).as(protocol).isEqualTo("a to " + gateway);
            assertThat(host.ask(protocol, "127.0.0.1", 8081)).as(protocol).isEqualTo("a to " + gateway);
            assertThat(host.tryAsking(protocol, HOST, 8081)).as(protocol).isEqualTo("nobody");
            assertThat(neighbour.tryAsking(protocol, HOST, 8081)).as(protocol).isEqualTo("nobody");
            // The wire leads to no address that is the host's alone.
            assertThat(neighbour.tryAsking(protocol, "127.0.0.1", 8080))
                    .as(protocol)
                    .isEqualTo("nobody");
            assertThat(neighbour.tryAsking(protocol, "127.0.0.1", 8081))
                    .as(protocol)
                    .isEqualTo("nobody");
        }
    }

    @Test
    void shouldAnswerOnPublishedPortsOnly() throws Exception {
        Namespace machine = machine("a", "tcp,0.0.0.0,8080,80", "tcp,203.0.113.1,9090,90");
        machine.serve("a", 80);
        machine.serve("a", 90);
        machine.serve("a", 22);

        assertThat(neighbour.scan(HOST)).containsExactly("8080", "9090");
        // Not by the way around the host's ports, nor for the host's users.
        long before = counter("uninvited");
        assertThat(neighbour.tryAsking("tcp", addressOf(machine), 80)).isEqualTo("nobody");
        assertThat(host.tryAsking("tcp", addressOf(machine), 80)).isEqualTo("nobody");
        assertThat(counter("uninvited")).isGreaterThanOrEqualTo(before + 2);
    }

    @Test
    void shouldOpenAndCloseAPortOfAMachineThatRuns() throws Exception {
        Namespace machine = machine("a");
        machine.serve("a", 80);
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");

        uplinks.ok("publish", "a", "tcp,0.0.0.0,8080,80");
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);

        uplinks.ok("unpublish", "a", "tcp,0.0.0.0,8080,80");
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
    }

    @Test
    void shouldLetMachinesOutUnderTheHostsAddressButNotToItsMetadata() throws Exception {
        Namespace machine = machine("a");
        neighbour.serve("n", 7000);
        assertThat(host.ask("tcp", METADATA, 7000)).startsWith("n to ");

        assertThat(machine.ask("tcp", NEIGHBOUR, 7000)).isEqualTo("n to " + HOST);
        assertThat(machine.ask("udp", NEIGHBOUR, 7000)).isEqualTo("n to " + HOST);
        assertThat(machine.tryAsking("tcp", METADATA, 7000)).isEqualTo("nobody");
        assertThat(machine.tryAsking("udp", METADATA, 7000)).isEqualTo("nobody");
    }

    @Test
    void shouldKeepMachinesFromTheHostsServices() throws Exception {
        Namespace machine = machine("a");
        String gateway = machine.run("ip", "route", "show", "default").split(" ", -1)[2];
        host.serve("h", 9000);
        assertThat(neighbour.ask("tcp", HOST, 9000)).isEqualTo("h to " + NEIGHBOUR);
        // As a machine would that is bent on it.
        machine.script("""
                echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
                ip address delete 127.0.0.1/8 dev lo
                ip route add 127.0.0.1/32 via %s
                """.formatted(gateway));

        long before = counter("refused");
        for (String address : List.of(HOST, gateway, "127.0.0.1")) {
            assertThat(machine.tryAsking("tcp", address, 9000)).as(address).isEqualTo("nobody");
            assertThat(machine.tryAsking("udp", address, 9000)).as(address).isEqualTo("nobody");
        }
        assertThat(counter("refused")).isGreaterThanOrEqualTo(before + 6);
    }

    @Test
    void shouldKeepMachinesFromEachOther() throws Exception {
        Namespace one = machine("a");
        Namespace other = machine("b", "tcp,0.0.0.0,8080,80");
        other.serve("b", 80);
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("b to " + NEIGHBOUR);

        long before = counter("refused");
        assertThat(one.tryAsking("tcp", addressOf(other), 80)).isEqualTo("nobody");
        assertThat(one.tryAsking("udp", addressOf(other), 80)).isEqualTo("nobody");
        assertThat(one.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
        assertThat(counter("refused")).isGreaterThanOrEqualTo(before + 3);
    }

    @Test
    void shouldDropAndCountWhatClaimsToComeFromSomebodyElse() throws Exception {
        Namespace machine = machine("a");
        Namespace victim = machine("b");
        neighbour.serve("n", 7000);
        machine.script("ip address add 10.99.99.99/32 dev lo; ip address add " + addressOf(victim) + "/32 dev lo");
        assertThat(counter("spoofed")).isZero();

        assertThat(machine.askAs("10.99.99.99", "udp", NEIGHBOUR, 7000)).isEqualTo("nobody");
        assertThat(counter("spoofed")).isEqualTo(1);
        assertThat(machine.askAs(addressOf(victim), "udp", NEIGHBOUR, 7000)).isEqualTo("nobody");
        assertThat(counter("spoofed")).isEqualTo(2);
        assertThat(machine.ask("udp", NEIGHBOUR, 7000)).isEqualTo("n to " + HOST);
        assertThat(counter("spoofed")).isEqualTo(2);
    }

    @Test
    void shouldDropAndCountWhatClaimsByIpv6ToComeFromSomebodyElse() throws Exception {
        Namespace machine = machine("a", "ipv6");
        Namespace victim = machine("b", "ipv6");
        Namespace silent = machine("c");
        neighbour.serve("n", 7000);
        String victims = addressOf6(victim);
        machine.script("ip address add fd00:99::99/128 dev lo; ip address add " + victims + "/128 dev lo");
        assertThat(counter("spoofed")).isZero();

        assertThat(machine.askAs("fd00:99::99", "udp", NEIGHBOUR6, 7000)).isEqualTo("nobody");
        assertThat(counter("spoofed")).isEqualTo(1);
        assertThat(machine.askAs(victims, "udp", NEIGHBOUR6, 7000)).isEqualTo("nobody");
        assertThat(counter("spoofed")).isEqualTo(2);
        assertThat(machine.ask("udp", NEIGHBOUR6, 7000)).isEqualTo("n to " + HOST6);
        assertThat(counter("spoofed")).isEqualTo(2);
        // Who was given no IPv6 address has none to send from.
        silent.script("""
                ip address add fd00:98::2/64 dev uplink0 nodad
                ip neighbour add fd00:98::1 lladdr %s dev uplink0
                ip route add default via fd00:98::1
                """.formatted(hostsCard(silent)));
        long before = counter("spoofed");
        assertThat(silent.tryAsking("udp", NEIGHBOUR6, 7000)).isEqualTo("nobody");
        assertThat(counter("spoofed")).isGreaterThan(before);
    }

    private String addressOf6(Namespace machine) {
        return machine.run("ip", "-o", "-6", "address", "show", "dev", "uplink0", "scope", "global")
                .split("\\s+", -1)[3]
                .split("/", -1)[0];
    }

    /** Returns the hardware address of the host's end of a machine's link. */
    private String hostsCard(Namespace machine) {
        String index = machine.run("ip", "-o", "link", "show", "uplink0").replaceFirst("(?s).*@if(\\d+):.*", "$1");
        return host.run("ip", "-o", "link")
                .lines()
                .filter(line -> line.startsWith(index + ":"))
                .map(line -> line.replaceFirst(".*link/ether (\\S+) .*", "$1"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldRefuseAPortThatAnotherMachineHasAndNameThatMachine() throws Exception {
        Namespace first = machine("a", "tcp,0.0.0.0,8080,80");
        first.serve("a", 80);
        String holder = Files.readString(place.resolve("machines/a/id")).substring(0, 12);
        String before = snapshot();

        assertThat(uplinks.refused("claim", "b", "tcp,0.0.0.0,8081,80", "tcp,0.0.0.0,8080,80"))
                .contains("tcp port 8080 of the host is published already by the machine " + holder);
        assertThat(snapshot()).isEqualTo(before);

        machine("c");
        assertThat(uplinks.refused("publish", "c", "tcp,0.0.0.0,8080,80")).contains("by the machine " + holder);
        uplinks.ok("publish", "c", "udp,0.0.0.0,8080,80");
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);
    }

    /** To the kernel a host that forwards is a router, and listens to no other. */
    @Test
    void shouldForwardIpv6AndKeepTheRouteThatARouterGaveTheHost() throws Exception {
        host.script("ip address add fe80::1:1/64 dev wan nodad");
        neighbour.script("ip address add fe80::1:2/64 dev wan nodad");
        String settings = "cd /proc/sys/net/ipv6/conf; grep . wan/forwarding wan/accept_ra default/forwarding";
        String before = host.run("sh", "-c", settings);
        advertise();
        assertThat(routeOfRouter()).contains("via fe80::1:2");

        Namespace machine = machine("a", "ipv6");
        neighbour.serve("n", 7000);

        assertThat(machine.ask("tcp", NEIGHBOUR6, 7000)).isEqualTo("n to " + HOST6);
        assertThat(host.run("cat", "/proc/sys/net/ipv6/conf/all/forwarding")).isEqualTo("1\n");
        assertThat(host.run("ip", "-6", "route", "show", "default", "proto", "ra"))
                .contains("via fe80::1:2");
        assertThat(host.run("sh", "-c", settings)).isEqualTo(before);
        assertThat(place.resolve(record("ipv6_forwarding"))).hasContent("0");
        host.run("ip", "-6", "route", "delete", "default");
        advertise();
        assertThat(routeOfRouter()).as("after a new advertisement").contains("via fe80::1:2");
    }

    /** Has the neighbour say that it is a router (RFC 4861, 4.2). */
    private void advertise() {
        neighbour.run("python3", "-c", """
                import socket, struct
                link = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
                link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
                card = socket.if_nametoindex('wan')
                link.bind(('fe80::1:2', 0, 0, card))
                link.sendto(struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0), ('ff02::1', 0, 0, card))
                """);
    }

    private String routeOfRouter() {
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        String route = "";
        while (route.isEmpty() && Instant.now().isBefore(end)) {
            route = host.run("ip", "-6", "route", "show", "default", "proto", "ra");
        }
        return route;
    }

    @Test
    void shouldTurnOnForwardingWhereItIsOffAndRecordIt() throws Exception {
        host.script("echo 0 >/proc/sys/net/ipv4/ip_forward");
        Namespace machine = machine("a");
        neighbour.serve("n", 7000);

        assertThat(machine.ask("tcp", NEIGHBOUR, 7000)).isEqualTo("n to " + HOST);
        assertThat(place.resolve(record("ip_forward"))).hasContent("0");
    }
}
