package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.settings.NetworkPool6;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Routes of the host to IPv6 addresses that are to be machines'. */
final class ForeignRoutes {

    /** Destination, its prefix, four more, flags, and the interface; see proc(5). */
    static final Path TABLE = Path.of("/proc/self/net/ipv6_route");

    private static final int FIELDS = 10;

    private ForeignRoutes() {}

    /**
     * Refuses a pool of which the host uses a part for something else.
     *
     * @param routes as {@code /proc/net/ipv6_route} has them
     */
    static void refuse(NetworkPool6 pool, Path routes) throws FcvmException {
        try {
            for (String line : Files.readAllLines(routes)) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length >= FIELDS && !fields[FIELDS - 1].startsWith(MachineNetwork.VETH_PREFIX)) {
                    int prefix = Integer.parseInt(fields[1], 16);
                    InetAddress network =
                            InetAddress.getByAddress(HexFormat.of().parseHex(fields[0]));
                    // Java takes ::ffff:0:0/96 for IPv4.
                    if (network instanceof Inet6Address v6 && pool.holds(v6, prefix)) {
                        throw new FcvmException(
                                Kind.IN_USE,
                                ("the host uses %s/%d, a part of the IPv6 addresses for machines, %s, on %s:"
                                                + " set FCVM_NETWORK_POOL6 to a network that nothing uses")
                                        .formatted(Addresses.text(network), prefix, pool, fields[FIELDS - 1]));
                    }
                }
            }
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot read the host's routes in %s".formatted(routes), e);
        }
    }
}
