package dev.fcvm.net;

import java.util.List;

/**
 * What a machine is to have of a network.
 *
 * @param enabled whether it has any; all but the names is as if not asked for when it has none
 * @param ports what is published
 * @param egress what it may reach
 * @param hostLoopback whether it may reach what listens on the host's loopback
 * @param ipv6 whether it has IPv6, too
 * @param names how it finds addresses by names
 */
public record NetworkRequest(
        boolean enabled,
        List<PublishedPort> ports,
        Egress egress,
        boolean hostLoopback,
        boolean ipv6,
        GuestNames names) {

    public NetworkRequest {
        ports = List.copyOf(ports);
    }

    /** Returns one for no network. Such a machine has its /etc/hosts still. */
    public static NetworkRequest without(GuestNames names) {
        return new NetworkRequest(false, List.of(), Egress.OPEN, false, false, names);
    }
}
