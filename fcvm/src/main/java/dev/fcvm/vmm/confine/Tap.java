package dev.fcvm.vmm.confine;

/**
 * The network card of a machine, from both of its sides. Each machine has a network namespace of its own, so all have
 * the same names and addresses; a snapshot of one fits into the namespace of another.
 */
public final class Tap {

    /** The tap's name in the machine's network namespace. */
    public static final String NAME = "vmtap0";

    /** The guest's hardware address: a local one, with the guest's address 172.30.0.2 in it. */
    public static final String GUEST_MAC = "06:00:ac:1e:00:02";

    private static final String GATEWAY = "172.30.0.1/30";

    private Tap() {}

    /**
     * Returns the commands for {@code ip -batch} that make it.
     *
     * @param user who may use it, as a number in the namespace
     */
    static String commands(int user) {
        return """
                tuntap add dev %1$s mode tap user %2$d
                address add %3$s dev %1$s
                link set dev %1$s up
                """.formatted(NAME, user, GATEWAY);
    }
}
