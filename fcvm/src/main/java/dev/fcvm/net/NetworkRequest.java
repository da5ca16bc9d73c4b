package dev.fcvm.net;

import java.util.List;

/**
 * The network a machine is to have.
 *
 * @param enabled whether it has any; without, only the lines of /etc/hosts have a meaning
 * @param ports what is published
 * @param egress what may be reached
 * @param hostLoopback whether the guest may reach the host's loopback
 * @param ipv6 whether the guest speaks IPv6
 * @param names how names are found
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
