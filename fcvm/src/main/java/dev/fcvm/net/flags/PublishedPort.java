package dev.fcvm.net.flags;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A port of the guest that is reached from outside by a port of the host.
 *
 * @param address the host's address it is reached by; empty for the uplink's default, which is 127.0.0.1 rootless and
 *     all addresses privileged
 * @param hostPort 1 to 65535, or 0 for one that is free
 * @param guestPort 1 to 65535
 * @param protocol TCP or UDP
 */
public record PublishedPort(Optional<InetAddress> address, int hostPort, int guestPort, Protocol protocol) {

    private static final int MOST = 65_535;

    public PublishedPort {
        if (hostPort < 0 || hostPort > MOST) {
            throw new IllegalArgumentException("the host's port is " + hostPort);
        }
        if (guestPort < 1 || guestPort > MOST) {
            throw new IllegalArgumentException("the guest's port is " + guestPort);
        }
    }

    /** Returns the same with the host's side settled. */
    public PublishedPort on(InetAddress host, int port) {
        return new PublishedPort(Optional.of(host), port, guestPort, protocol);
    }

    /** Returns it as {@code podman port} writes it: {@code 80/tcp -> 127.0.0.1:8080}. */
    @Override
    public String toString() {
        return "%d/%s -> %s".formatted(guestPort, protocol.word(), hostSide());
    }

    /** Returns it as {@code podman ps} writes it: {@code 127.0.0.1:8080->80/tcp}. */
    public String listed() {
        return "%s->%d/%s".formatted(hostSide(), guestPort, protocol.word());
    }

    /** Returns the host's side: {@code 127.0.0.1:8080}. */
    public String hostSide() {
        return address.map(Addresses::beforePort).orElse("") + ":" + hostPort;
    }
}
