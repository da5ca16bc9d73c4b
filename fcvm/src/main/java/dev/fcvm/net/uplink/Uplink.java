package dev.fcvm.net.uplink;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What joins the network namespace of one machine with the world. Made before the machine is booted, when what it will
 * need (addresses, host ports) is claimed or refused; attached when the namespace is there, its rules are in force and
 * nothing of the guest has run that needs a network. The inside of every namespace is the same but for the addresses
 * named here.
 */
public interface Uplink extends AutoCloseable {

    /** The name of the uplink's interface in the machine's namespace. */
    String INTERFACE = "uplink0";

    /** Returns the machine's own address on the uplink: what comes in for it is the guest's. */
    Inet4Address address();

    /** Returns the name servers a guest's questions are passed on to, the first first; never a loopback address. */
    List<InetAddress> resolvers();

    /** Returns the domains the host looks short names up in; empty where names go to the host's own resolver anyway. */
    List<String> search();

    /** Returns the address by which the guest reaches the host, where it may. */
    Inet4Address host();

    /**
     * Returns networks on the uplink that lead to the host itself, in CIDR notation: the machine's rules close them, but
     * for answers and for questions to name servers.
     */
    List<String> closed();

    /** Returns the largest packet that passes whole, in bytes. */
    int mtu();

    /**
     * Joins the namespace and opens the ports claimed. On return both work. The rules there are the caller's.
     *
     * @param process a process in the machine's network namespace (and its user namespace)
     */
    void attach(long process) throws FcvmException, InterruptedException;

    /** Returns what {@link #attach} did that whoever owns the host may want to know, a line each. */
    List<String> notes();

    /** Returns the ports that are open, or claimed and to be opened by {@link #attach}, with the host's side settled. */
    List<PublishedPort> published();

    /**
     * Opens ports of a machine that runs, all or none. The rules in its namespace are the caller's.
     *
     * @return the same, in the same order, with the host's side settled; one without an address may be two, by IPv4 and by
     *     IPv6
     * @throws FcvmException when a port of the host is taken, which names it and its holder where that can be known
     */
    List<PublishedPort> publish(List<PublishedPort> wanted) throws FcvmException, InterruptedException;

    /** Closes a port; connections that are open may go on. One that is not open stays so. */
    void unpublish(PublishedPort port) throws FcvmException, InterruptedException;

    /**
     * Closes all ports, which stay the machine's: it is about to be suspended, and callers are to wait elsewhere. Connections
     * that are open may go on.
     */
    void silence() throws FcvmException, InterruptedException;

    /**
     * Opens the ports again that were {@linkplain #silence silenced}.
     *
     * @param waiting those ports, where callers wait at them; the uplink's from here on
     */
    void speak(Optional<PortReservation> waiting) throws FcvmException, InterruptedException;

    /** Returns the way into the machine's namespace. */
    Entrance entrance(long process);

    /** Says that the machine is about to end: that its processes and its namespace go is no fault from now on. */
    void part();

    /** Leaves everything as it is, in nobody's hands; another process adopts it. Nothing but {@link #close} follows. */
    void letGo();

    /**
     * Takes everything back; nothing when it was {@linkplain #letGo let go}. Idempotent; the machine's processes may have
     * ended before.
     *
     * @throws FcvmException when something could not be taken back; it stays written down, for another try
     */
    @Override
    void close() throws FcvmException;
}
