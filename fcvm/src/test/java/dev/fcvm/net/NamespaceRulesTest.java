package dev.fcvm.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.Egress;
import dev.fcvm.net.flags.Egress.AllowedName;
import dev.fcvm.net.flags.Egress.AllowedNetwork;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.named.MemberRules;
import dev.fcvm.net.named.Subnet;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What passes is tried by machines; here, that every kind of rules is one that nft takes, and says what was asked. */
class NamespaceRulesTest {

    private static final List<InetAddress> RESOLVERS = List.of(InetAddress.ofLiteral("192.0.2.53"));
    private static final PublishedPort WEB = new PublishedPort(Optional.empty(), 8080, 80, Protocol.TCP);
    private static final PublishedPort NAMES = new PublishedPort(Optional.empty(), 5353, 53, Protocol.UDP);

    private static final MemberRules MEMBER = new MemberRules(
            Inet4Address.ofLiteral("10.232.0.7"), Subnet.parse("10.232.0.0/24").orElseThrow(), 0);

    private static final Egress SOME = new Egress(
            false,
            List.of(
                    new AllowedNetwork("198.51.100.0/24", OptionalInt.empty()),
                    new AllowedName("example.org", OptionalInt.of(443)),
                    new AllowedNetwork("2001:db8::/32", OptionalInt.of(80))));

    @Test
    void shouldBeTakenByNftInEveryCombination() throws Exception {
        for (Egress egress : List.of(
                Egress.OPEN,
                new Egress(false, List.of()),
                SOME,
                new Egress(false, List.of(new AllowedNetwork("192.0.2.1/32", OptionalInt.of(22)))))) {
            for (List<PublishedPort> ports : List.of(List.<PublishedPort>of(), List.of(WEB, NAMES, WEB))) {
                for (boolean ipv6 : List.of(true, false)) {
                    taken(rules(ports, egress, RESOLVERS, ipv6, List.of()), "");
                    taken(rules(ports, egress, List.of(), ipv6, List.of("10.0.2.0/24", "fd00::/64")), "");
                    List<String> closed = List.of("10.0.2.0/24", "fd00::/64");
                    taken(NamespaceRules.of(ports, egress, RESOLVERS, ipv6, closed, Optional.of(MEMBER)), "");
                }
            }
        }
    }

    @Test
    void shouldOpenAndCloseAPortLater() throws Exception {
        String rules = rules(List.of(), Egress.OPEN, RESOLVERS, false, List.of());
        String listing = taken(rules + NamespaceRules.publishing(WEB) + NamespaceRules.publishing(NAMES), "");
        assertThat(listing).contains("tcp . 80", "udp . 53");
        assertThat(taken(rules + NamespaceRules.publishing(WEB), NamespaceRules.unpublishing(WEB)))
                .doesNotContain("tcp . 80");
    }

    @Test
    void shouldLetNothingInThatIsNotPublishedAndNothingOutThatIsNotAllowed() {
        String rules = rules(List.of(WEB), new Egress(false, List.of()), RESOLVERS, false, List.of());
        assertThat(rules)
                .contains("tcp . 80")
                .containsPattern("chain forward \\{\\s+type filter hook forward [^;]+; policy drop");
        assertThat(rules.substring(rules.indexOf("chain egress"), rules.indexOf("chain input"))
                        .lines())
                .as("not even questions to name servers")
                .noneMatch(line -> line.contains("accept"));
    }

    @Test
    void shouldCloseTheMetadataAddressBeforeAnythingIsAllowed() {
        for (Egress egress : List.of(Egress.OPEN, SOME)) {
            String rules = rules(List.of(), egress, RESOLVERS, true, List.of());
            String chain = rules.substring(rules.indexOf("chain egress"));
            assertThat(chain.indexOf("169.254.0.0/16 drop")).isPositive().isLessThan(chain.indexOf("accept"));
        }
    }

    @Test
    void shouldAskTheServersForTheAllowedNamesAndNobodyForOthers() {
        assertThat(NameGate.isNeededBy(SOME)).isTrue();
        assertThat(NameGate.arguments(SOME, Optional.of("192.0.2.53"), Optional.empty()))
                .contains(
                        "--no-resolv",
                        "--server=/example.org/192.0.2.53",
                        "--nftset=/example.org/4#inet#fcvm#name1_4,6#inet#fcvm#name1_6")
                .filteredOn(argument -> argument.startsWith("--server"))
                .hasSize(1);
        assertThat(rules(List.of(), SOME, RESOLVERS, false, List.of())).doesNotContain("dnat ip to 192.0.2.53");
    }

    @Test
    void shouldAskNobodyForAnyNameWhereNoneIsAllowed() {
        Egress none = new Egress(false, List.of(new Egress.AllowedNetwork("192.0.2.0/24", OptionalInt.of(443))));
        assertThat(NameGate.isNeededBy(none)).isTrue();
        assertThat(NameGate.arguments(none, Optional.of("192.0.2.53"), Optional.empty()))
                .contains("--no-resolv", "--local=/#/")
                .noneMatch(argument -> argument.startsWith("--server"));
        assertThat(rules(List.of(), none, RESOLVERS, true, List.of("10.0.2.0/24")))
                .doesNotContain("192.0.2.53");
    }

    @Test
    void shouldAskNobodyForTheNamesOfMachinesItIsJoinedWith() {
        Optional<Path> members = Optional.of(Path.of("/n/members"));
        assertThat(NameGate.arguments(Egress.OPEN, Optional.of("192.0.2.53"), members))
                .contains("--hostsdir=/n/members", "--server=192.0.2.53", "--local=//");
        for (Optional<String> upstream : List.of(Optional.of("192.0.2.53"), Optional.<String>empty())) {
            assertThat(NameGate.arguments(upstream.isEmpty() ? Egress.OPEN : SOME, upstream, members))
                    .contains("--hostsdir=/n/members", "--local=/#/")
                    .doesNotContain("--server=192.0.2.53");
        }
    }

    /** A namespace with the rules, in which a guest at the other end of the tap opens connections. */
    @Test
    void shouldLeaveOthersRoomInTheTableOfConnections() throws Exception {
        assumeTrue(Tool.named("nft", "nftables").find().isPresent(), "nft is not installed");
        String script = """
                set -e
                unshare --net sleep 600 & guest=$!
                trap 'kill $guest' EXIT
                while [ "$(readlink /proc/$guest/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
                nft -f -
                ip link add vmtap0 address 02:00:00:00:00:01 type veth peer name eth0 netns $guest
                ip link add uplink0 type veth peer name far
                ip address add 172.30.0.1/30 dev vmtap0
                ip address add 10.9.0.1/24 dev uplink0
                for link in vmtap0 far uplink0; do ip link set $link up; done
                ip link set uplink0 arp off
                echo 1 >/proc/sys/net/ipv4/ip_forward
                echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout
                nsenter --target $guest --net sh -c 'ip link set eth0 up; python3 -c "$0"' "$0"
                cat /proc/sys/net/netfilter/nf_conntrack_count
                nft list chain inet fcvm few | grep -c 'counter packets [1-9]'
                """;
        // A frame with 172.30.0.2's question to 10.9.0.2, whose sum does not cover the port.
        String flood = """
                import socket, struct
                head = bytes.fromhex('0200000000010200000000020800' '4500001d000000004011c4a5' 'ac1e0002' '0a090002')
                link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                link.bind(('eth0', 0))
                for port in range(1, 45000):
                    link.send(head + struct.pack('!HHHH', port, 9, 9, 0) + b'x')
                """;
        Tool.Result result = Tool.named("unshare", "util-linux")
                .with("--user", "--map-root-user", "--net", "sh", "-c", script, flood)
                .within(Duration.ofMinutes(5))
                .reading(rules(List.of(), Egress.OPEN, List.of(), false, List.of())
                        .getBytes(StandardCharsets.UTF_8))
                .run();
        assertThat(result.exitCode()).as(result.errors()).isZero();
        List<String> said = result.output().lines().toList();
        assertThat(Integer.parseInt(said.getFirst())).isBetween(1, 64 * 512);
        assertThat(said.getLast()).as("counters of what was dropped").isEqualTo("1");
    }

    @Test
    void shouldMakeTheInterfaceOfANetworkThatJoinsMachines() throws Exception {
        Tool.Result result = Tool.named("unshare", "util-linux")
                .with("--user", "--map-root-user", "--net", "sh", "-c", "ip -batch - && ip address show net0")
                .reading(MEMBER.links().getBytes(StandardCharsets.UTF_8))
                .run();
        assumeTrue(!result.errors().contains("/dev/net/tun"), "there is no /dev/net/tun");
        assertThat(result.errors()).isEmpty();
        assertThat(result.output()).contains("inet 10.232.0.7/24", "02:fc:0a:e8:00:07", "mtu 1500");
    }

    /** Returns those of a machine that is joined with no other. */
    private static String rules(
            List<PublishedPort> published,
            Egress egress,
            List<InetAddress> resolvers,
            boolean ipv6,
            List<String> closed) {
        return NamespaceRules.of(published, egress, resolvers, ipv6, closed, Optional.empty());
    }

    /** Loads rules and then a change in a network namespace made for it, and returns what is in force. */
    private static String taken(String rules, String change) throws Exception {
        assumeTrue(Tool.named("nft", "nftables").find().isPresent(), "nft is not installed");
        String script = rules + change;
        Tool.Result result = Tool.named("unshare", "util-linux")
                .with("--user", "--map-root-user", "--net", "sh", "-c", "nft -f - && nft list ruleset")
                .reading(script.getBytes(StandardCharsets.UTF_8))
                .run();
        assertThat(result.exitCode()).as("%s%n%s", result.errors(), script).isZero();
        return result.output();
    }
}
