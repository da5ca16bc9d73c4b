package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network a machine is to have.
 *
 * @param enabled whether it has any; without, only the lines of /etc/hosts have a meaning
 * @param ports what is published
 * @param egress what may be reached
 * @param hostLoopback whether the guest may reach the host's loopback
 * @param ipv6 whether the guest speaks IPv6
 * @param names how names are found
 * @param joins the network that joins it with other machines
 */
public record NetworkRequest(
        boolean enabled,
        List<PublishedPort> ports,
        Egress egress,
        boolean hostLoopback,
        boolean ipv6,
        GuestNames names,
        Optional<NetworkName> joins) {

    public NetworkRequest {
        ports = List.copyOf(ports);
    }

    /** Describes one of a machine that is joined with no other. */
    public NetworkRequest(
            boolean enabled,
            List<PublishedPort> ports,
            Egress egress,
            boolean hostLoopback,
            boolean ipv6,
            GuestNames names) {
        this(enabled, ports, egress, hostLoopback, ipv6, names, Optional.empty());
    }

    /** Returns the same, joined with other machines by this network. */
    public NetworkRequest joining(NetworkName network) {
        return new NetworkRequest(enabled, ports, egress, hostLoopback, ipv6, names, Optional.of(network));
    }

    /**
     * Returns the same, with ports of the guest published by free ones of the host, but for those that are already.
     *
     * @param exposed as an image has them: {@code 80/tcp}, {@code 53/udp}, {@code 8000-8010}
     * @throws FcvmException when one is no port
     */
    public NetworkRequest publishing(List<String> exposed) throws FcvmException {
        List<PublishedPort> all = new ArrayList<>(ports);
        for (PublishedPort port :
                PublishedPorts.parse(exposed.stream().map(guest -> ":" + guest).toList())) {
            if (ports.stream()
                    .noneMatch(named -> named.guestPort() == port.guestPort() && named.protocol() == port.protocol())) {
                all.add(port);
            }
        }
        return new NetworkRequest(enabled, all, egress, hostLoopback, ipv6, names, joins);
    }

    /** Returns the same with these ports instead. */
    public NetworkRequest with(List<PublishedPort> instead) {
        return new NetworkRequest(enabled, instead, egress, hostLoopback, ipv6, names, joins);
    }

    /** Returns one for no network. Such a machine has its /etc/hosts still. */
    public static NetworkRequest without(GuestNames names) {
        return new NetworkRequest(false, List.of(), Egress.OPEN, false, false, names);
    }
}
