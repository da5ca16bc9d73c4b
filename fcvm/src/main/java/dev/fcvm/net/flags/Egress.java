package dev.fcvm.net.flags;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a machine may reach. The host's cloud metadata address, 169.254.169.254, never is; its loopback only with
 * {@code --allow-host-loopback}.
 *
 * @param open whether everything else may be reached; otherwise only what is listed
 * @param allowed what may be reached although egress is denied
 */
public record Egress(boolean open, List<Allowed> allowed) {

    /** Everything may be reached. */
    public static final Egress OPEN = new Egress(true, List.of());

    public Egress {
        allowed = List.copyOf(allowed);
    }

    /** A destination of {@code --allow}. */
    public sealed interface Allowed {
        /** Returns the port; empty for all. */
        OptionalInt port();
    }

    /**
     * A network.
     *
     * @param cidr in the notation of RFC 4632 or RFC 4291, the host part zero, such as {@code 192.0.2.0/24}
     * @param port the port, TCP and UDP; empty for all ports and protocols
     */
    public record AllowedNetwork(String cidr, OptionalInt port) implements Allowed {}

    /**
     * Whatever addresses a name has, each time the machine asks.
     *
     * @param name a host name (RFC 1123), in lower case
     * @param port the port, TCP and UDP; empty for all ports and protocols
     */
    public record AllowedName(String name, OptionalInt port) implements Allowed {}
}
