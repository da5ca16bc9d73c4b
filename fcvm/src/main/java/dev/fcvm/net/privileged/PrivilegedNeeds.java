package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import java.net.Inet6Address;
import java.util.Optional;

/** What a privileged uplink needs of the host and of whoever asks for it. */
public final class PrivilegedNeeds {

    private PrivilegedNeeds() {}

    /**
     * Checks, before anything is made for a machine, that it could have one.
     *
     * @throws FcvmException when a tool is not there, or something is asked for that it cannot do
     */
    public static void check(NetworkRequest request) throws FcvmException {
        Tool.named("ip", "iproute2").require();
        Tool.named("nft", "nftables").require();
        Optional<String> missing = request.ipv6() ? Forwarding6.missing() : Optional.empty();
        if (missing.isPresent()) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot give the machine IPv6, which this host has none of: %s; leave --ipv6 out"
                            .formatted(missing.get()));
        }
        for (PublishedPort port : request.ports()) {
            if (!request.ipv6()
                    && port.address().filter(Inet6Address.class::isInstance).isPresent()) {
                throw unreachable(port);
            }
        }
    }

    /** Returns the refusal of a port by IPv6 of a machine that does not speak it. */
    static FcvmException unreachable(PublishedPort port) {
        return new FcvmException(
                Kind.USAGE,
                "cannot publish %s: the machine speaks IPv4 alone; start it with --ipv6, or name an IPv4 address"
                        .formatted(port));
    }
}
