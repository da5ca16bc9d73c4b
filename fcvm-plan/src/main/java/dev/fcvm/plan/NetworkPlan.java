package dev.fcvm.plan;

import java.util.List;

/**
 * The guest's network. Its addresses are the same in every machine and stand in no plan.
 *
 * @param mtu the largest packet in bytes, 1280 to 65535
 * @param ipv6 whether the guest speaks IPv6 as well
 * @param resolver the lines of the guest's resolv.conf(5)
 * @param hosts lines the guest's hosts(5) has besides its own names
 */
public record NetworkPlan(int mtu, boolean ipv6, List<String> resolver, List<String> hosts) {

    /** The least that IPv6 works with, RFC 8200. */
    private static final int LEAST_MTU = 1280;

    private static final int MOST_MTU = 65_535;

    public NetworkPlan {
        if (mtu < LEAST_MTU || mtu > MOST_MTU) {
            throw new IllegalArgumentException("network.mtu: must be from " + LEAST_MTU + " to " + MOST_MTU);
        }
        resolver = List.copyOf(resolver);
        hosts = List.copyOf(hosts);
        Checks.lines("network.resolver", resolver);
        Checks.lines("network.hosts", hosts);
    }
}
