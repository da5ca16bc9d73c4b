package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.Egress.Allowed;
import dev.fcvm.net.flags.Egress.AllowedName;
import dev.fcvm.net.flags.Egress.AllowedNetwork;
import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A {@link NetworkRequest} as it is written down, so that a machine can be started again with the network it was created
 * with. Each text is what the flag of the command line takes, and is read as strictly.
 *
 * @param enabled whether there is a network
 * @param ports as {@code --publish} has them
 * @param egress {@code open} or {@code deny}
 * @param allow as {@code --allow} has them
 * @param hostLoopback whether the guest may reach the host's loopback
 * @param ipv6 whether the guest speaks IPv6
 * @param dns as {@code --dns} has them
 * @param dnsSearch as {@code --dns-search} has them
 * @param dnsOptions as {@code --dns-option} has them
 * @param addHosts as {@code --add-host} has them
 * @param network the name of the network that joins it with other machines, or an empty text
 */
@Json
public record NetworkRequestDocument(
        boolean enabled,
        List<String> ports,
        String egress,
        List<String> allow,
        boolean hostLoopback,
        boolean ipv6,
        List<String> dns,
        List<String> dnsSearch,
        List<String> dnsOptions,
        List<String> addHosts,
        String network) {

    private static final String OPEN = "open";
    private static final String DENY = "deny";

    /** A damaged document lacks fields, and is told as such when it is read. */
    public NetworkRequestDocument {
        ports = copy(ports);
        egress = Objects.requireNonNullElse(egress, "");
        allow = copy(allow);
        dns = copy(dns);
        dnsSearch = copy(dnsSearch);
        dnsOptions = copy(dnsOptions);
        addHosts = copy(addHosts);
        network = Objects.requireNonNullElse(network, "");
    }

    private static List<String> copy(List<String> values) {
        return List.copyOf(Objects.requireNonNullElse(values, List.of()));
    }

    /** Writes one down. */
    public static NetworkRequestDocument of(NetworkRequest request) {
        GuestNames names = request.names();
        return new NetworkRequestDocument(
                request.enabled(),
                request.ports().stream().map(PublishedPorts::written).toList(),
                request.egress().open() ? OPEN : DENY,
                request.egress().allowed().stream()
                        .map(NetworkRequestDocument::written)
                        .toList(),
                request.hostLoopback(),
                request.ipv6(),
                names.servers().stream().map(Addresses::text).toList(),
                names.search(),
                names.options(),
                names.hosts().stream()
                        .map(host -> host.name() + ":"
                                + host.address().map(Addresses::text).orElse(DnsFlags.HOST_GATEWAY))
                        .toList(),
                request.joins().map(NetworkName::value).orElse(""));
    }

    /**
     * Reads it.
     *
     * @throws FcvmException when it says what no machine can have been given, which names the flag
     */
    public NetworkRequest request() throws FcvmException {
        return new NetworkRequest(
                enabled,
                PublishedPorts.settled(ports),
                EgressFlags.parse(Optional.of(egress), allow),
                hostLoopback,
                ipv6,
                DnsFlags.parse(dns, dnsSearch, dnsOptions, addHosts),
                network.isEmpty() ? Optional.empty() : Optional.of(NetworkName.parse(network)));
    }

    private static String written(Allowed allowed) {
        return switch (allowed) {
            case AllowedName(String name, OptionalInt port) -> name + written(port);
            case AllowedNetwork(String cidr, OptionalInt port) ->
                port.isPresent() && cidr.contains(":") ? "[" + cidr + "]" + written(port) : cidr + written(port);
        };
    }

    private static String written(OptionalInt port) {
        return port.isPresent() ? ":" + port.getAsInt() : "";
    }
}
