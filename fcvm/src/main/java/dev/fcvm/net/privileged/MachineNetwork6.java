package dev.fcvm.net.privileged;

import dev.fcvm.settings.NetworkPool6;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * The IPv6 addresses between the host and one machine, which end in its IPv4 ones: nobody else has them.
 *
 * @param host the host's
 * @param machine the machine's
 */
record MachineNetwork6(Inet6Address host, Inet6Address machine) {

    static final int PREFIX = NetworkPool6.MACHINE_PREFIX;

    /** What the two ends call each other by while they look for each other's cards. */
    static final String LINK_HOST = "fe80::1";

    static final String LINK_MACHINE = "fe80::2";

    static MachineNetwork6 of(NetworkPool6 pool, MachineNetwork network) {
        return new MachineNetwork6(pool.address(network.first() + 1), pool.address(network.first() + 2));
    }

    /** Returns the one in which the machine has this address. */
    static MachineNetwork6 of(Inet6Address machine) {
        byte[] bytes = machine.getAddress();
        bytes[bytes.length - 1]--; // the network begins at a multiple of four, and the machine is its third
        try {
            return new MachineNetwork6((Inet6Address) InetAddress.getByAddress(bytes), machine);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("sixteen bytes are an address", e);
        }
    }
}
