package dev.fcvm.net.privileged;

import dev.fcvm.net.flags.PublishedPort;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * The addresses a machine has on its privileged uplink.
 *
 * @param v4 the IPv4 address
 * @param v6 the IPv6 address, which ends in the same 32 bits; empty when it speaks none
 */
record MachineAddresses(Inet4Address v4, Optional<Inet6Address> v6) {

    /** Returns the one that a port of the host can lead to; nothing when the port is an IPv6 one and the machine has none. */
    Optional<InetAddress> behind(PublishedPort port) {
        return port.address().orElseThrow() instanceof Inet4Address ? Optional.of(v4) : v6.map(address -> address);
    }

    /** Returns whether this is an address of the machine that has this IPv4 address, whatever the pool is set to now. */
    static boolean isOf(Inet4Address machine, InetAddress address) {
        byte[] bytes = address.getAddress();
        return Arrays.equals(Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length), machine.getAddress());
    }
}
