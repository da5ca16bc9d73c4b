package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
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
    void shouldRefuseAPortThatAnotherMachineHasAndNameThatMachine() throws Exception {
        Namespace first = machine("a", "tcp,0.0.0.0,8080,80");
        first.serve("a", 80);
        String holder = Files.readString(place.resolve("machines/a/id")).substring(0, 12);
        Namespace second = opened(new Namespace());
        String before = snapshot();

        uplinks.ok("claim", "b", "tcp,0.0.0.0,8081,80", "tcp,0.0.0.0,8080,80");
        assertThat(uplinks.refused("attach", "b", Long.toString(second.pid())))
                .contains("tcp port 8080 of the host is published already by the machine " + holder);
        uplinks.ok("close", "b");
        assertThat(snapshot()).isEqualTo(before);

        machine("c");
        assertThat(uplinks.refused("publish", "c", "tcp,0.0.0.0,8080,80")).contains("by the machine " + holder);
        uplinks.ok("publish", "c", "udp,0.0.0.0,8080,80");
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);
    }

    @Test
    void shouldTurnOnForwardingWhereItIsOffAndRecordIt() throws Exception {
        host.script("echo 0 >/proc/sys/net/ipv4/ip_forward");
        Namespace machine = machine("a");
        neighbour.serve("n", 7000);

        assertThat(machine.ask("tcp", NEIGHBOUR, 7000)).isEqualTo("n to " + HOST);
        assertThat(place.resolve("networks/ip_forward")).hasContent("0");
    }
}
