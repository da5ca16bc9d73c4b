package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.uplink.HostResolver;
import dev.fcvm.settings.NetworkPool;
import dev.fcvm.settings.NetworkPool6;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a privileged uplink is to be.
 *
 * @param pool where its addresses come from
 * @param pool6 where its IPv6 addresses come from; empty for none
 * @param dns the name servers the user named; if none, the host's are used
 * @param hostLoopback whether the machine may call what listens on the host's loopback
 */
public record UplinkRequest(
        NetworkPool pool, Optional<NetworkPool6> pool6, List<InetAddress> dns, boolean hostLoopback) {

    public UplinkRequest {
        dns = List.copyOf(dns);
    }

    List<InetAddress> resolvers() throws FcvmException {
        return dns.isEmpty() ? HostResolver.ofHost().reachable() : dns;
    }

    PortReservation hold(List<PublishedPort> ports) throws FcvmException {
        return pool6.isPresent()
                ? PortReservation.holdOnAll(ports)
                : PortReservation.hold(ports, InetAddress.ofLiteral("0.0.0.0"));
    }
}
