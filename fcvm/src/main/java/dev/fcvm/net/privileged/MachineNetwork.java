package dev.fcvm.net.privileged;

import dev.fcvm.settings.NetworkPool;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The four addresses between the host and one machine, and the veth that has them. The veth's name says which they are:
 * the kernel lets no name be there twice, so no address is in use twice, whatever became of who claimed it.
 *
 * @param first the first address, as a number
 */
record MachineNetwork(int first) {

    /** How the names of all veths begin; the table's rules go by it. */
    static final String VETH_PREFIX = "fcvm";

    static final int PREFIX = 30;

    /** Returns the network in which a machine has this address, or an IPv6 one that ends in it. */
    static MachineNetwork of(InetAddress machine) {
        byte[] bytes = machine.getAddress();
        return new MachineNetwork(ByteBuffer.wrap(bytes).getInt(bytes.length - Integer.BYTES) - 2);
    }

    /** Returns the name of the host's end, 12 characters of the 15 there may be. */
    String veth() {
        return VETH_PREFIX + "%08x".formatted(first);
    }

    Inet4Address host() {
        return NetworkPool.address(first + 1);
    }

    Inet4Address machine() {
        return NetworkPool.address(first + 2);
    }

    @Override
    public String toString() {
        return NetworkPool.address(first).getHostAddress() + "/" + PREFIX;
    }
}
