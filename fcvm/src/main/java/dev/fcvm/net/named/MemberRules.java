package dev.fcvm.net.named;

import dev.fcvm.net.uplink.Inside;
import dev.fcvm.net.uplink.Uplink;
import java.net.Inet4Address;

/**
 * What a network that joins machines adds to the rules of a machine's namespace: all that its other machines send to
 * the machine's address there is the guest's, and what the guest sends to them leaves with that address. Nothing else
 * passes: the namespace is no router, and has nothing to say to the network itself.
 */
public record MemberRules(Inet4Address address, Subnet subnet, int user) {

    private static final String NET = EthernetSwitch.INTERFACE;

    /** Before anything else: no machine speaks with an address that is not its own. */
    public String spoofed() {
        return """
                        iifname "%1$s" meta nfproto != ipv4 drop
                        iifname "%1$s" ip saddr != %2$s counter drop comment "not an address of the network"
                        iifname "%1$s" ip saddr %3$s counter drop comment "this machine's own address"
                        iifname "%1$s" ip daddr != %3$s drop
                        iifname "%4$s" ip saddr %2$s counter drop comment "not from there"
                """.formatted(NET, subnet, address.getHostAddress(), Uplink.INTERFACE);
    }

    /** To the machine's address: the guest itself may use it, too, as its name leads there. */
    public String in() {
        String from = "iifname { \"%s\", \"%s\" } ip daddr %s".formatted(NET, Inside.TAP, address.getHostAddress());
        return """
                        %1$s meta l4proto { tcp, udp } dnat ip to %2$s
                        %1$s icmp type echo-request dnat ip to %2$s
                """.formatted(from, Inside.GUEST);
    }

    public String out() {
        return """
                        oifname "%s" masquerade
                        oifname "%s" ip saddr %s masquerade
                """.formatted(NET, Inside.TAP, Inside.GUEST);
    }

    public String forward() {
        return """
                        iifname "%1$s" oifname "%2$s" ct status dnat accept
                        iifname "%2$s" oifname "%1$s" ip daddr %3$s accept
                        iifname "%2$s" oifname "%2$s" ct status dnat accept
                """.formatted(NET, Inside.TAP, subnet);
    }

    /** The guest's card takes larger packets than the network: nobody is to send segments that do not fit. */
    public String chains() {
        return """
                    chain fit {
                        type filter hook forward priority mangle; policy accept;
                        oifname "%s" tcp flags syn tcp option maxseg size set rt mtu
                    }
                """.formatted(NET);
    }

    /** Returns what is done in the namespace beside that, for {@code ip -batch}. */
    public String links() {
        int own = Subnet.number(address);
        return """
                tuntap add dev %1$s mode tap user %9$d
                link set dev %1$s address 02:fc:%2$02x:%3$02x:%4$02x:%5$02x
                link set dev %1$s addrgenmode none
                link set dev %1$s mtu %6$d up
                address add %7$s/%8$d dev %1$s
                """.formatted(
                        NET,
                        own >>> 24,
                        own >>> 16 & 0xff,
                        own >>> 8 & 0xff,
                        own & 0xff,
                        EthernetSwitch.MTU,
                        address.getHostAddress(),
                        subnet.prefix(),
                        user);
    }
}
