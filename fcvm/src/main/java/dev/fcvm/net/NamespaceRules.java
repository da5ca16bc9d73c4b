package dev.fcvm.net;

import dev.fcvm.net.flags.Egress;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.named.MemberRules;
import dev.fcvm.net.uplink.Inside;
import dev.fcvm.net.uplink.Uplink;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The rules of a machine's own network namespace, as {@code nft -f} reads them: what the guest may reach, what reaches
 * the guest, and the translation of addresses in between. Made of checked values alone, no text of the user's or the
 * guest's.
 *
 * <p>What comes in on the uplink for the machine is the guest's if its port is published. What the guest sends leaves
 * with the uplink's address. The guest's questions to its gateway go to the name servers, or, when only some names may
 * be reached or it is joined with other machines, to the machine's own {@link NameGate}.
 */
public final class NamespaceRules {

    /** Our table in the namespace. */
    static final String TABLE = "inet fcvm";

    /** The set of published ports in that table: protocol and port of the guest. */
    static final String PUBLISHED = "published";

    /** Where clouds tell a host its secrets, by IPv4 and by IPv6. A host has no other link-local servers for guests. */
    private static final String METADATA = """
                ip daddr 169.254.0.0/16 drop
                ip6 daddr fd00:ec2::254 drop
        """;

    /**
     * How many connections a guest may have at once, 64 times 512. The kernel keeps track of each, here and, for a
     * privileged machine, among all the host's, who would have room for no other. It counts by going through all, so
     * they are counted in 64 parts.
     */
    private static final String FEW = """
                set parts {
                    type mark
                    size 64
                    flags dynamic
                }
                chain few {
                    meta nfproto ipv4 meta l4proto { tcp, udp } meta mark set jhash ip daddr . th sport . th dport mod 64
                    meta nfproto ipv6 meta l4proto { tcp, udp } meta mark set jhash ip6 daddr . th sport . th dport mod 64
                    add @parts { meta mark ct count over 512 } counter drop comment "too many connections"
                    meta mark set 0
                }
            """;

    private NamespaceRules() {}

    /**
     * Returns the rules.
     *
     * @param published what is published from the beginning
     * @param egress what the guest may reach
     * @param resolvers where questions to the gateway go; empty to refuse them
     * @param ipv6 whether the guest speaks IPv6
     * @param closed networks of the uplink's that are closed but for answers and questions to name servers, to the guest
     *     and to what else runs in the namespace
     * @param member the machine's place in a network that joins it with others
     */
    static String of(
            List<PublishedPort> published,
            Egress egress,
            List<InetAddress> resolvers,
            boolean ipv6,
            List<String> closed,
            Optional<MemberRules> member) {
        boolean gated = NameGate.isNeededBy(egress) || member.isPresent();
        return """
                table %s {
                    set %s {
                        type inet_proto . inet_service
                %s    }
                %s    chain from_guest {
                        type filter hook prerouting priority raw; policy accept;
                        iifname "%s" ip saddr != %s counter drop comment "not the guest's address"
                        iifname "%s" ip6 saddr != { %s } counter drop comment "not the guest's address"
                %s    }
                    chain translate_in {
                        type nat hook prerouting priority dstnat; policy accept;
                        iifname "%s" meta nfproto ipv4 fib daddr type local meta l4proto { tcp, udp } dnat ip to %s
                        iifname "%s" meta nfproto ipv6 fib daddr type local meta l4proto { tcp, udp } dnat ip6 to %s
                %s%s    }
                    chain translate_out {
                        type nat hook postrouting priority srcnat; policy accept;
                        oifname "%s" masquerade
                %s    }
                %s    chain forward {
                        type filter hook forward priority filter; policy drop;
                        ct state established,related accept
                        ct state invalid drop
                        iifname "%s" oifname "%s" meta l4proto . th dport @%s accept
                        iifname "%s" ct state new jump few
                        iifname "%s" oifname "%s" jump closed
                        iifname "%s" oifname "%s" jump egress
                %s    }
                    chain output {
                        type filter hook output priority filter; policy accept;
                        ct state established,related accept
                        oifname "%s" meta l4proto != ipv6-icmp jump closed
                    }
                %s    chain closed {
                %s    }
                    chain egress {
                %s%s    }
                    chain input {
                        type filter hook input priority filter; policy drop;
                        iifname "lo" accept
                        ct state established,related accept
                        iifname "%s" ct state new jump few
                        meta l4proto ipv6-icmp icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
                        iifname "%s" meta l4proto { icmp, ipv6-icmp } limit rate 50/second accept
                %s        iifname "%s" limit rate 50/second reject with icmpx port-unreachable
                    }
                }
                """.formatted(
                TABLE,
                PUBLISHED,
                elements(published),
                sets(egress),
                Inside.TAP,
                Inside.GUEST,
                Inside.TAP,
                ipv6 ? Inside.GUEST6 + ", fe80::/10, ::" : "fe80::/10, ::",
                member.map(MemberRules::spoofed).orElse(""),
                Uplink.INTERFACE,
                Inside.GUEST,
                Uplink.INTERFACE,
                Inside.GUEST6,
                gated ? "" : questions(resolvers),
                member.map(MemberRules::in).orElse(""),
                Uplink.INTERFACE,
                member.map(MemberRules::out).orElse(""),
                member.map(MemberRules::chains).orElse(""),
                Uplink.INTERFACE,
                Inside.TAP,
                PUBLISHED,
                Inside.TAP,
                Inside.TAP,
                Uplink.INTERFACE,
                Inside.TAP,
                Uplink.INTERFACE,
                member.map(MemberRules::forward).orElse(""),
                Uplink.INTERFACE,
                FEW,
                closed(closed, NameGate.asks(egress) ? resolvers : List.of()),
                METADATA,
                egress(egress, gated ? List.of() : resolvers),
                Inside.TAP,
                Inside.TAP,
                gated ? "        iifname \"" + Inside.TAP + "\" meta l4proto { tcp, udp } th dport 53 accept\n" : "",
                Inside.TAP);
    }

    /** Returns the change to the rules for a port that is published later. */
    static String publishing(PublishedPort port) {
        return "add element %s %s { %s }\n".formatted(TABLE, PUBLISHED, element(port));
    }

    /** Returns the change to the rules for a port that is not published any more. */
    static String unpublishing(PublishedPort port) {
        return "delete element %s %s { %s }\n".formatted(TABLE, PUBLISHED, element(port));
    }

    /** Returns the change to the rules by which these ports are published, and no others. */
    static String publishingAlone(List<PublishedPort> ports) {
        return "flush set %s %s\n".formatted(TABLE, PUBLISHED)
                + ports.stream().map(NamespaceRules::publishing).distinct().collect(Collectors.joining());
    }

    private static String elements(List<PublishedPort> ports) {
        if (ports.isEmpty()) {
            return "";
        }
        return "        elements = { "
                + ports.stream().map(NamespaceRules::element).distinct().collect(Collectors.joining(", ")) + " }\n";
    }

    private static String element(PublishedPort port) {
        return port.protocol().word() + " . " + port.guestPort();
    }

    /** The guest's gateway answers questions: they go to the first server. */
    private static String questions(List<InetAddress> resolvers) {
        return resolvers.stream()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .map(server ->
                        "        iifname \"%s\" ip daddr %s meta l4proto { tcp, udp } th dport 53 dnat ip to %s\n"
                                .formatted(Inside.TAP, Inside.GATEWAY, server.getHostAddress()))
                .orElse("");
    }

    /** For each allowed name two sets, which the gate fills with the addresses it answers. */
    private static String sets(Egress egress) {
        var sets = new StringBuilder();
        for (int index = 0; index < egress.allowed().size(); index++) {
            if (egress.allowed().get(index) instanceof Egress.AllowedName) {
                sets.append("""
                            set %s {
                                type ipv4_addr
                                flags timeout
                                timeout 1d
                            }
                            set %s {
                                type ipv6_addr
                                flags timeout
                                timeout 1d
                            }
                        """.formatted(set4(index), set6(index)));
            }
        }
        return sets.toString();
    }

    /** Returns the set of IPv4 addresses of the allowed name at this place of the list. */
    static String set4(int index) {
        return "name" + index + "_4";
    }

    /** The same for IPv6. */
    static String set6(int index) {
        return "name" + index + "_6";
    }

    private static String closed(List<String> networks, List<InetAddress> resolvers) {
        if (networks.isEmpty()) {
            return "";
        }
        var rules = new StringBuilder();
        for (InetAddress server : resolvers) {
            rules.append("        %s daddr %s meta l4proto { tcp, udp } th dport 53 return\n"
                    .formatted(server instanceof Inet4Address ? "ip" : "ip6", server.getHostAddress()));
        }
        for (String network : networks) {
            rules.append("        %s daddr %s reject with icmpx admin-prohibited\n"
                    .formatted(network.contains(":") ? "ip6" : "ip", network));
        }
        return rules.toString();
    }

    private static String egress(Egress egress, List<InetAddress> resolvers) {
        if (egress.open()) {
            return "        accept\n";
        }
        var rules = new StringBuilder();
        // Questions may go to the server they are translated to, by way of the gateway alone.
        resolvers.stream()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .ifPresent(server -> rules.append(
                        "        ct status dnat ip daddr %s th dport 53 accept\n".formatted(server.getHostAddress())));
        for (int index = 0; index < egress.allowed().size(); index++) {
            switch (egress.allowed().get(index)) {
                case Egress.AllowedNetwork(String cidr, OptionalInt port) ->
                    rules.append(rule(cidr.contains(":") ? "ip6" : "ip", cidr, port));
                case Egress.AllowedName(var _, OptionalInt port) ->
                    rules.append(rule("ip", "@" + set4(index), port)).append(rule("ip6", "@" + set6(index), port));
            }
        }
        return rules + "        reject with icmpx admin-prohibited\n";
    }

    private static String rule(String family, String destination, OptionalInt port) {
        String ports = port.isPresent() ? " meta l4proto { tcp, udp } th dport " + port.getAsInt() : "";
        return "        %s daddr %s%s accept\n".formatted(family, destination, ports);
    }
}
