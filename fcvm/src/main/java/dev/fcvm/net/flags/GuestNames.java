package dev.fcvm.net.flags;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * How a guest finds addresses by names, where it is not as on the host. Whatever is empty is as on the host.
 *
 * @param servers name servers, the first first
 * @param search domains that short names are looked for in; {@code .} alone for none
 * @param options resolv.conf's, such as {@code ndots:2}
 * @param hosts further lines for /etc/hosts
 */
public record GuestNames(List<InetAddress> servers, List<String> search, List<String> options, List<HostEntry> hosts) {

    /** All is as on the host. */
    public static final GuestNames HOSTS = new GuestNames(List.of(), List.of(), List.of(), List.of());

    public GuestNames {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
        options = List.copyOf(options);
        hosts = List.copyOf(hosts);
    }

    /**
     * A line of /etc/hosts.
     *
     * @param name in lower case; letters, digits, hyphens, underscores and dots
     * @param address the address; empty for that by which the machine's uplink lets the guest reach the host, which is
     *     known when there is one ({@code host-gateway})
     */
    public record HostEntry(String name, Optional<InetAddress> address) {}
}
