package dev.fcvm.vmm.confine;

import dev.fcvm.vmm.VmSpec;
import java.util.Optional;

/**
 * The network card of a machine, from both of its sides. Each machine has a network namespace of its own, so all have
 * the same names and addresses; a snapshot of one fits into the namespace of another.
 */
public final class Tap {

    /** The tap's name in the machine's network namespace. */
    public static final String NAME = "vmtap0";

    /** The guest's hardware address: a local one, with the guest's address 172.30.0.2 in it. */
    public static final String GUEST_MAC = "06:00:ac:1e:00:02";

    /**
     * The tap's own hardware address, the same on all: a guest that goes on in another namespace finds its gateway by the
     * one it knows.
     */
    private static final String GATEWAY_MAC = "06:00:ac:1e:00:01";

    private static final String GATEWAY = "172.30.0.1/30";

    private Tap() {}

    /**
     * Returns the commands for {@code ip -batch} that make it.
     *
     * @param user who may use it, as a number in the namespace
     * @param network what it belongs to; without, it leads to the monitor alone
     */
    static String commands(int user, Optional<VmSpec.Network> network) {
        String tap = """
                tuntap add dev %1$s mode tap user %2$d
                link set dev %1$s address %4$s
                address add %3$s dev %1$s
                """.formatted(NAME, user, GATEWAY, GATEWAY_MAC);
        String mtu = network.map(joined -> " mtu " + joined.mtu()).orElse("");
        return tap + "link set dev " + NAME + mtu + " up\n"
                + network.map(VmSpec.Network::links).orElse("");
    }
}
