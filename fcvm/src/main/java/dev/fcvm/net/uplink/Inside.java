package dev.fcvm.net.uplink;

/** The addresses inside a machine's network namespace: the same in each, so that a snapshot of one fits into another. */
public final class Inside {

    /** The guest's address. */
    public static final String GUEST = "172.30.0.2";

    /** The guest's gateway and name server, which is the namespace's end of the tap. */
    public static final String GATEWAY = "172.30.0.1";

    /** The guest's IPv6 address (RFC 4193), with {@link #PREFIX6}. */
    public static final String GUEST6 = "fd00:ac1e::2";

    /** The gateway's IPv6 address. */
    public static final String GATEWAY6 = "fd00:ac1e::1";

    /** How many bits of the IPv6 addresses name the network. */
    public static final int PREFIX6 = 64;

    /** The tap. */
    public static final String TAP = "vmtap0";

    private Inside() {}
}
