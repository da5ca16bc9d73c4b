package dev.fcvm.cli.run;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.RateFlags;
import dev.fcvm.net.flags.DnsFlags;
import dev.fcvm.net.flags.EgressFlags;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.settings.NetworkKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags with which a machine's network, and what it may do in a second, are described. */
public final class NetworkOptions {

    @Option(
            names = {"--network", "--net"},
            paramLabel = "NETWORK",
            description =
                    "none for a machine without a network, default, or the name of one made by fcvm network create,"
                            + " whose machines reach each other by name. Default: default. [FCVM_NETWORK]")
    @Nullable String network;

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[IP:][HOST]:GUEST[/PROTOCOL]",
            description = "Make a port of the container reachable by one of the host: 8080:80, 127.0.0.1:8080:80/udp,"
                    + " [::1]:8080:80, :80 for a free port, 8000-8010:80-90. Without IP: 127.0.0.1 rootless, all"
                    + " addresses as root.")
    List<String> publish = new ArrayList<>();

    @Option(
            names = {"-P", "--publish-all"},
            description = "Publish each port the image exposes by a free one of the host: fcvm port tells which.")
    boolean publishAll;

    @Option(
            names = "--egress",
            paramLabel = "open|deny",
            description = "Whether the machine may reach what is not allowed by --allow. Default: open.")
    @Nullable String egress;

    @Option(
            names = "--allow",
            paramLabel = "CIDR[:PORT]|NAME[:PORT]",
            description = "With --egress deny: let the machine reach a network, an address or a host name, such as"
                    + " 192.0.2.0/24, [2001:db8::/32]:443 or example.com:443.")
    List<String> allow = new ArrayList<>();

    @Option(
            names = "--allow-host-loopback",
            description = "Let the machine reach what listens on the host's loopback, every port of it.")
    boolean hostLoopback;

    @Option(names = "--ipv6", description = "Give the machine IPv6, too.")
    boolean ipv6;

    @Option(names = "--dns", paramLabel = "IP", description = "Ask this name server. Default: those the host asks.")
    List<String> dns = new ArrayList<>();

    @Option(
            names = "--dns-search",
            paramLabel = "DOMAIN",
            description = "Look for short names in this domain; . for none. Default: as the host.")
    List<String> dnsSearch = new ArrayList<>();

    @Option(
            names = {"--dns-option", "--dns-opt"},
            paramLabel = "OPTION",
            description = "Set an option of resolv.conf, such as ndots:2.")
    List<String> dnsOptions = new ArrayList<>();

    @Option(
            names = "--add-host",
            paramLabel = "NAME:IP",
            description = "Add a line to /etc/hosts; NAME:host-gateway for the address the host is reached by.")
    List<String> addHost = new ArrayList<>();

    @Option(
            names = "--network-bandwidth",
            paramLabel = "RATE",
            description = "Most bytes a second each way: 10m and 1g count in 1024s, 100mbit in bits and 1000s.")
    @Nullable String networkBandwidth;

    @Option(
            names = "--network-pps",
            paramLabel = "NUMBER",
            description = "Most packets a second each way, such as 500 or 10k.")
    @Nullable String networkPackets;

    @Option(
            names = "--disk-bandwidth",
            paramLabel = "RATE",
            description = "Most bytes a second read and written, such as 50m. With Firecracker of each of the machine's"
                    + " disks, of which a container mostly uses one at a time; with QEMU of all together.")
    @Nullable String diskBandwidth;

    @Option(
            names = "--disk-iops",
            paramLabel = "NUMBER",
            description = "Most reads and writes a second, such as 1000; counted as --disk-bandwidth is.")
    @Nullable String diskOperations;

    /**
     * Returns what is asked of a network.
     *
     * @param otherwise what holds without the flag
     */
    NetworkRequest request(NetworkKind otherwise) throws FcvmException {
        String word = network == null || network.isEmpty() ? otherwise.name().toLowerCase(Locale.ROOT) : network;
        return switch (word) {
            case "none" -> {
                refuseWithoutNetwork();
                yield NetworkRequest.without(names());
            }
            case "default" -> own();
            default -> own().joining(NetworkName.parse(word));
        };
    }

    private NetworkRequest own() throws FcvmException {
        return new NetworkRequest(
                true,
                PublishedPorts.parse(given(publish)),
                EgressFlags.parse(Optional.ofNullable(egress), allow),
                hostLoopback,
                ipv6,
                names());
    }

    /** Returns what is asked of speed. */
    RateFlags rates() {
        return new RateFlags(
                Optional.ofNullable(networkBandwidth),
                Optional.ofNullable(networkPackets),
                Optional.ofNullable(diskBandwidth),
                Optional.ofNullable(diskOperations));
    }

    private GuestNames names() throws FcvmException {
        return DnsFlags.parse(given(dns), given(dnsSearch), given(dnsOptions), given(addHost));
    }

    /** To Podman nothing is no value: scripts give {@code --dns "$MAYBE"}. */
    private static List<String> given(List<String> values) {
        return values.stream().filter(value -> !value.isEmpty()).toList();
    }

    /** A machine without a network still has its /etc/hosts, but nothing else these flags are about. */
    private void refuseWithoutNetwork() throws FcvmException {
        Map<String, Boolean> given = new LinkedHashMap<>();
        given.put("--publish", !given(publish).isEmpty());
        given.put("--publish-all", publishAll);
        given.put("--egress", egress != null);
        given.put("--allow", !allow.isEmpty());
        given.put("--allow-host-loopback", hostLoopback);
        given.put("--ipv6", ipv6);
        given.put("--dns", !given(dns).isEmpty());
        given.put("--dns-search", !given(dnsSearch).isEmpty());
        given.put("--dns-option", !given(dnsOptions).isEmpty());
        given.put("--network-bandwidth", networkBandwidth != null);
        given.put("--network-pps", networkPackets != null);
        for (Map.Entry<String, Boolean> flag : given.entrySet()) {
            if (flag.getValue()) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        flag.getKey()
                                + " says nothing of a machine without a network; leave out --network none (and FCVM_NETWORK), or "
                                + flag.getKey());
            }
        }
    }
}
