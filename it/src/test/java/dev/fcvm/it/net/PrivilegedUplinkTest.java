package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The uplink of machines started as root, with real packets. What is the host here is a network namespace of the test's,
 * with a neighbour on its wire; a machine is a namespace with a server in it.
 */
@Tag("machine")
@Timeout(300)
class PrivilegedUplinkTest {

    private static final String HOST = "203.0.113.1";
    private static final String NEIGHBOUR = "203.0.113.2";
    private static final String METADATA = "169.254.169.254";
    private static final String POOL = "10.231.0.0/16";

    @TempDir
    private Path place;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Namespace host;
    private Namespace neighbour;
    private Uplinks uplinks;

    @BeforeEach
    void makeAHostAndItsNeighbour() throws Exception {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may make a network namespace");
        host = opened(new Namespace());
        neighbour = opened(new Namespace());
        host.script("""
                ip link add wan type veth peer name wan netns %d
                ip address add %s/24 dev wan
                ip link set lo up
                ip link set wan addrgenmode none up
                nft 'table inet others { set s { type ipv4_addr; elements = { 192.0.2.7 }; }
                    chain forward { type filter hook forward priority filter; policy accept; ip saddr @s drop; }; }'
                """.formatted(neighbour.pid(), HOST));
        // It has no 127.0.0.1 of its own, and asks the host for it.
        neighbour.script("""
                ip address add %s/24 dev wan
                ip address add %s/32 dev wan
                ip link set wan addrgenmode none up
                echo 1 >/proc/sys/net/ipv4/conf/wan/route_localnet
                ip route add 10.231.0.0/16 via %s
                ip route add 127.0.0.1/32 via %3$s src %1$s
                """.formatted(NEIGHBOUR, METADATA, HOST));
        host.script("ip route add " + METADATA + "/32 via " + NEIGHBOUR);
        uplinks = opened(Uplinks.in(host, place, POOL));
    }

    @AfterEach
    void closeThem() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T each) {
        open.add(each);
        return each;
    }

    /** A namespace with a server, and its uplink. */
    private Namespace machine(String name, String... ports) throws IOException {
        Namespace machine = opened(new Namespace());
        machine.script("ip link set lo up");
        List<String> words = new ArrayList<>(List.of("claim", name));
        words.addAll(List.of(ports));
        uplinks.ok(words.toArray(String[]::new));
        uplinks.ok("attach", name, Long.toString(machine.pid()));
        return machine;
    }

    private static String addressOf(Namespace machine) {
        return machine.run("ip", "-o", "-4", "address", "show", "dev", "uplink0")
                .split("\\s+")[3]
                .split("/")[0];
    }

    private long counter(String name) {
        return Long.parseLong(
                host.run("nft", "list", "counter", "inet", "fcvm", name).replaceAll("(?s).*packets (\\d+) .*", "$1"));
    }

    /** Everything there is in the host's network, but not what was counted and how long an address is known. */
    private String snapshot() throws IOException {
        StringBuilder all = new StringBuilder();
        all.append(host.run("nft", "--stateless", "list", "ruleset"));
        all.append(host.run("ip", "-details", "link").replaceAll("(?m)^.*(numtxqueues|qlen).*$", ""));
        all.append(host.run("ip", "address"));
        all.append(host.run("ip", "route", "show", "table", "all"));
        all.append(host.run("ip", "rule"));
        if (Files.isDirectory(place.resolve("networks"))) {
            try (Stream<Path> claims = Files.list(place.resolve("networks"))) {
                claims.filter(file -> !file.endsWith("lock")).forEach(all::append);
            }
        }
        return all.toString();
    }

    private void installTable() {
        host.run(
                "nft",
                "-f",
                Path.of(System.getProperty("fcvm.test.repository"), "network", "nftables-template.nft")
                        .toString());
    }

    @Test
    void shouldAnswerOnPublishedPortsFromOutsideAndFromTheHost() throws Exception {
        Namespace machine = machine(
                "a", "tcp,0.0.0.0,8080,80", "udp,0.0.0.0,8080,80", "tcp,127.0.0.1,8081,80", "udp,127.0.0.1,8081,80");
        machine.serve("a", 80);
        String gateway = machine.run("ip", "route", "show", "default").split(" ")[2];

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
        String gateway = machine.run("ip", "route", "show", "default").split(" ")[2];
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
    void shouldServeTwentyMachinesAtOnceAndLeaveNothing() throws Exception {
        installTable();
        String before = snapshot();
        for (int number = 0; number < 20; number++) {
            machine("m" + number, "tcp,0.0.0.0," + (9000 + number) + ",80").serve("m" + number, 80);
        }
        for (int number = 0; number < 20; number++) {
            assertThat(neighbour.ask("tcp", HOST, 9000 + number)).isEqualTo("m" + number + " to " + NEIGHBOUR);
        }
        for (int number = 0; number < 20; number++) {
            uplinks.ok("close", "m" + number);
        }
        assertThat(snapshot()).isEqualTo(before);
        assertThat(neighbour.scan(HOST)).isEmpty();
    }

    @Test
    void shouldTakeEverythingBackAlsoWhenTheMachineEndedBeforeOrTheThreadIsInterrupted() throws Exception {
        installTable();
        String before = snapshot();
        Namespace gone = machine("a", "tcp,0.0.0.0,8080,80");
        gone.close();
        uplinks.ok("close", "a");
        uplinks.ok("close", "a");
        assertThat(snapshot()).isEqualTo(before);

        machine("b", "tcp,0.0.0.0,8080,80");
        assertThat(uplinks.ok("interrupted-close", "b")).isEqualTo("true");
        assertThat(snapshot()).isEqualTo(before);
        assertThat(place.resolve("machines/b/uplink")).doesNotExist();
    }

    @Test
    void shouldLeaveNothingWhenTheMachineIsNotThereToBeJoined() throws Exception {
        installTable();
        String before = snapshot();
        uplinks.ok("claim", "a", "tcp,0.0.0.0,8080,80");

        assertThat(uplinks.refused("attach", "a", "4194305")).contains("cannot make the machine's link");
        uplinks.ok("close", "a");

        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void shouldBeSweptAfterAKillWhetherTheMachineLivesOrNot() throws Exception {
        installTable();
        String before = snapshot();
        Namespace lives = machine("a", "tcp,0.0.0.0,8080,80");
        lives.serve("a", 80);
        uplinks.ok("publish", "a", "udp,0.0.0.0,53,80");
        machine("b", "tcp,127.0.0.1,8081,80").close();
        uplinks.ok("claim", "c", "tcp,0.0.0.0,8082,80");
        uplinks.kill();
        // A machine outlives its owner, and keeps its network.
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);

        uplinks = opened(Uplinks.in(host, place, POOL));
        for (String name : List.of("a", "b", "c", "a")) {
            uplinks.ok("sweep", name);
        }

        assertThat(snapshot()).isEqualTo(before);
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
    }

    @Test
    void shouldNotSweepWhatHasBecomeSomebodyElses() throws Exception {
        Namespace first = machine("a", "tcp,0.0.0.0,8080,80");
        uplinks.ok("unpublish", "a", "tcp,0.0.0.0,8080,80");
        machine("b", "tcp,0.0.0.0,8080,80").serve("b", 80);
        uplinks.kill();
        first.close();

        uplinks = opened(Uplinks.in(host, place, POOL));
        uplinks.ok("sweep", "a");

        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("b to " + NEIGHBOUR);
        uplinks.ok("sweep", "b");
    }

    @Test
    void shouldGiveAnAddressOnOnlyWithoutThePortsOfWhoHadIt() throws Exception {
        uplinks.close();
        uplinks = opened(Uplinks.in(host, place, "10.231.0.0/30"));
        Namespace dead = machine("a", "tcp,0.0.0.0,8080,80");
        uplinks.kill();
        uplinks = opened(Uplinks.in(host, place, "10.231.0.0/30"));
        assertThat(uplinks.refused("claim", "b")).contains("all 1 networks for machines");
        dead.close();
        awaitNoVeth();

        machine("b").serve("b", 80);
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
        // The other's journal is about what is no longer its own.
        uplinks.ok("sweep", "a");
        uplinks.ok("publish", "b", "tcp,0.0.0.0,8080,80");
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("b to " + NEIGHBOUR);
    }

    /** The kernel buries a namespace some time after its last process. */
    private void awaitNoVeth() {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (host.run("ip", "-brief", "link").contains("fcvm")) {
            assertThat(Instant.now()).as("the veth of a namespace that is gone").isBefore(end);
        }
    }

    @Test
    void shouldLeadWhoeverKeepsSendingToTheNextMachineOnThePort() throws Exception {
        assumeTrue(Child.of("sh", "-c", "command -v conntrack").run().exitCode() == 0, "conntrack is not installed");
        machine("a", "udp,0.0.0.0,8080,80").serve("a", 80);
        Child client = opened(neighbour
                .call("python3", "-c", """
                        import socket
                        asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                        asked.settimeout(0.1)
                        asked.connect(('%s', 8080))
                        last = ''
                        while last != 'b':
                            try:
                                asked.send(b'?')
                                name = asked.recv(100).decode().split(' ')[0]
                            except OSError:
                                continue
                            if name != last:
                                print('from ' + name, flush=True)
                            last = name
                        """.formatted(HOST))
                .deadline(Duration.ofSeconds(60))
                .start());
        client.awaitOut("from a\n");
        uplinks.ok("close", "a");

        machine("b", "udp,0.0.0.0,8080,80").serve("b", 80);

        client.awaitOut("from b\n");
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
