package dev.fcvm.it.net;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests of privileged uplinks have in common. What is the host here is a network namespace of the test's, with a
 * neighbour on its wire; a machine is a namespace with a server in it.
 */
abstract class UplinkWorld {

    static final String HOST = "203.0.113.1";
    static final String NEIGHBOUR = "203.0.113.2";
    static final String HOST6 = "2001:db8:113::1";
    static final String NEIGHBOUR6 = "2001:db8:113::2";
    static final String METADATA = "169.254.169.254";
    static final String POOL = "10.231.0.0/16";

    @TempDir
    Path place;

    private final List<AutoCloseable> open = new ArrayList<>();
    Namespace host;
    Namespace neighbour;
    Uplinks uplinks;

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
                ip address add %s/64 dev wan nodad
                nft 'table inet others { set s { type ipv4_addr; elements = { 192.0.2.7 }; }
                    chain forward { type filter hook forward priority filter; policy accept; ip saddr @s drop; }; }'
                """.formatted(neighbour.pid(), HOST, HOST6));
        // It has no 127.0.0.1 of its own, and asks the host for it.
        neighbour.script("""
                ip address add %s/24 dev wan
                ip address add %s/32 dev wan
                ip link set wan addrgenmode none up
                ip address add %s/64 dev wan nodad
                ip route add fd5e:7a1c:93d2::/64 via %s
                echo 1 >/proc/sys/net/ipv4/conf/wan/route_localnet
                ip route add 10.231.0.0/16 via %s
                ip route add 127.0.0.1/32 via %5$s src %1$s
                """.formatted(NEIGHBOUR, METADATA, NEIGHBOUR6, HOST6, HOST));
        host.script("ip route add " + METADATA + "/32 via " + NEIGHBOUR);
        uplinks = opened(Uplinks.in(host, place, POOL));
    }

    @AfterEach
    void closeThem() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    <T extends AutoCloseable> T opened(T each) {
        open.add(each);
        return each;
    }

    /** A namespace with a server, and its uplink. */
    Namespace machine(String name, String... ports) throws IOException {
        Namespace machine = opened(new Namespace());
        machine.script("ip link set lo up");
        List<String> words = new ArrayList<>(List.of("claim", name));
        words.addAll(List.of(ports));
        uplinks.ok(words.toArray(String[]::new));
        uplinks.ok("attach", name, Long.toString(machine.pid()));
        return machine;
    }

    static String addressOf(Namespace machine) {
        return machine.run("ip", "-o", "-4", "address", "show", "dev", "uplink0")
                .split("\\s+", -1)[3]
                .split("/", -1)[0];
    }

    long counter(String name) {
        return Long.parseLong(
                host.run("nft", "list", "counter", "inet", "fcvm", name).replaceAll("(?s).*packets (\\d+) .*", "$1"));
    }

    /** Everything there is in the host's network, but not what was counted and how long an address is known. */
    String snapshot() throws IOException {
        StringBuilder all = new StringBuilder();
        all.append(host.run("nft", "--stateless", "list", "ruleset"));
        all.append(host.run("ip", "-details", "link").replaceAll("(?m)^.*(numtxqueues|qlen).*$", ""));
        all.append(host.run("ip", "address"));
        all.append(host.run("ip", "route", "show", "table", "all"));
        all.append(host.run("ip", "rule"));
        if (Files.isDirectory(place.resolve("networks"))) {
            try (Stream<Path> claims = Files.list(place.resolve("networks"))) {
                claims.filter(file -> !file.endsWith("lock")
                                && !String.valueOf(file.getFileName()).startsWith("ipv6_forwarding."))
                        .forEach(all::append);
            }
        }
        return all.toString();
    }

    /** Returns the name of what is written down of a setting in the host's namespace. */
    String record(String setting) {
        return "networks/" + setting + "."
                + host.run("stat", "-L", "-c", "%i", "/proc/self/ns/net").strip();
    }

    void installTable() {
        host.run(
                "nft",
                "-f",
                Path.of(System.getProperty("fcvm.test.repository"), "network", "nftables-template.nft")
                        .toString());
    }
}
