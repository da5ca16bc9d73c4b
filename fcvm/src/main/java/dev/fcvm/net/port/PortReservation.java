package dev.fcvm.net.port;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.port.LowPorts;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Ports of the host that are ours from before the boot until something answers there. Each is bound by a socket that
 * does not listen: nobody else can have it, and a connection to it is refused at once rather than left waiting.
 *
 * <p>An uplink that answers through the host's own sockets, as slirp4netns does, calls {@link #release} right before it
 * binds a port itself; one that translates addresses keeps the reservation as long as the port is published, so that no
 * program binds a port whose packets it would never see.
 *
 * <p>The address {@code ::} is held for both families, as the kernel does by default; ports wanted on addresses it
 * covers share its socket.
 */
public final class PortReservation implements AutoCloseable {

    private final Map<PublishedPort, HeldPort> held;
    private final List<PublishedPort> ports;
    private final Opening opening;
    private final boolean listens;

    private PortReservation(Map<PublishedPort, HeldPort> held, List<PublishedPort> ports) {
        this(held, ports, HeldPort::bind, false);
    }

    private PortReservation(
            Map<PublishedPort, HeldPort> held, List<PublishedPort> ports, Opening opening, boolean listens) {
        this.held = held;
        this.ports = List.copyOf(ports);
        this.opening = opening;
        this.listens = listens;
    }

    /** How a port is bound. */
    @FunctionalInterface
    private interface Opening {
        HeldPort open(Protocol protocol, InetAddress address, int port) throws IOException;
    }

    /**
     * Of ports at which callers wait, rather than being refused; none is held yet.
     *
     * @param settled the ports that are to be {@linkplain #hold(PublishedPort) held}
     * @param callers is given those who have called at a port when it is let go
     */
    static PortReservation listening(List<PublishedPort> settled, Consumer<SocketChannel> callers) {
        return new PortReservation(
                new HashMap<>(),
                settled,
                (protocol, address, port) -> HeldPort.listen(protocol, address, port, callers),
                true);
    }

    /**
     * Binds every port. Those that are to be any free port get one of the kernel's choice.
     *
     * @param wanted the ports; none of them twice
     * @param defaultAddress for those without one
     * @throws FcvmException when one cannot be had, which names it and why; nothing is held then
     */
    public static PortReservation hold(List<PublishedPort> wanted, InetAddress defaultAddress) throws FcvmException {
        return hold(wanted, defaultAddress, LowPorts.ofProcess());
    }

    /**
     * Does the same for somebody else who is to bind them then.
     *
     * @param low which ports that one may have
     */
    public static PortReservation hold(List<PublishedPort> wanted, InetAddress defaultAddress, LowPorts low)
            throws FcvmException {
        Map<PublishedPort, HeldPort> held = new HashMap<>();
        var settled = new PublishedPort[wanted.size()];
        try {
            // First those that can be one port only, lest the kernel choose it for another; and of these the ones on
            // ::,
            // whose sockets the others share.
            for (Turn turn : Turn.values()) {
                for (int i = 0; i < settled.length; i++) {
                    InetAddress address = wanted.get(i).address().orElse(defaultAddress);
                    PublishedPort port = wanted.get(i).on(address, wanted.get(i).hostPort());
                    if (Turn.of(port) == turn) {
                        settled[i] = take(held, port, low, HeldPort::bind);
                    }
                }
            }
            return new PortReservation(held, List.of(settled));
        } catch (FcvmException | RuntimeException e) {
            new PortReservation(held, List.of()).close();
            throw e;
        }
    }

    /**
     * Does the same, with those that have no address on all of the host's, IPv4 and IPv6: each of them becomes two with
     * one number.
     */
    public static PortReservation holdOnAll(List<PublishedPort> wanted) throws FcvmException {
        PortReservation first = hold(wanted, InetAddress.ofLiteral("::"));
        List<PublishedPort> both = new ArrayList<>();
        try {
            for (int i = 0; i < wanted.size(); i++) {
                PublishedPort settled = first.ports().get(i);
                if (wanted.get(i).address().isEmpty()) {
                    PublishedPort twin = settled.on(InetAddress.ofLiteral("0.0.0.0"), settled.hostPort());
                    first.hold(twin);
                    both.add(twin);
                }
                both.add(settled);
            }
            return new PortReservation(first.held, both);
        } catch (FcvmException | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private enum Turn {
        ALL,
        CERTAIN,
        FREE;

        static Turn of(PublishedPort port) {
            if (port.hostPort() == 0) {
                return FREE;
            }
            return port.address().filter(PortReservation::isDual).isPresent() ? ALL : CERTAIN;
        }
    }

    private static PublishedPort take(
            Map<PublishedPort, HeldPort> held, PublishedPort port, LowPorts low, Opening opening) throws FcvmException {
        InetAddress address = port.address().orElseThrow();
        for (Map.Entry<PublishedPort, HeldPort> other : held.entrySet()) {
            if (PublishedPorts.inTheWay(port, other.getKey())) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--publish wants host port %s for two: guest ports %d and %d"
                                .formatted(written(port), other.getKey().guestPort(), port.guestPort()));
            }
            if (port.hostPort() != 0
                    && other.getKey().hostPort() == port.hostPort()
                    && other.getKey().protocol() == port.protocol()
                    && other.getKey().address().filter(PortReservation::isDual).isPresent()) {
                held.put(port, other.getValue());
                return port;
            }
        }
        if (port.hostPort() != 0 && low.forbid(port.hostPort())) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    ("cannot publish host port %s: ports below %d are root's; take a higher one, or let everybody have it:"
                                    + " sudo sysctl net.ipv4.ip_unprivileged_port_start=%d")
                            .formatted(written(port), low.first(), port.hostPort()));
        }
        refuseAStrangersAddress(port, address);
        try {
            HeldPort socket = opening.open(port.protocol(), address, port.hostPort());
            PublishedPort settled = port.on(address, socket.port());
            held.put(settled, socket);
            return settled;
        } catch (IOException | UnsupportedOperationException e) {
            throw PortRefusal.of(port, address, reason(e), e);
        }
    }

    private static String reason(Exception failure) {
        return failure instanceof IOException io ? IoReason.of(io) : "the host has no IPv6";
    }

    private static void refuseAStrangersAddress(PublishedPort port, InetAddress address) throws FcvmException {
        try {
            if (!address.isAnyLocalAddress()
                    && !(address.isLoopbackAddress() && !(address instanceof Inet6Address))
                    && NetworkInterface.getByInetAddress(address) == null) {
                throw new FcvmException(
                        FcvmException.Kind.HOST,
                        "cannot publish host port %s: this host has no address %s; see: ip address"
                                .formatted(written(port), Addresses.text(address)));
            }
        } catch (SocketException unreadable) {
            // Then the kernel says it, less well.
            return;
        }
    }

    /** Returns settled ports in the order in which they can be held one by one. */
    public static List<PublishedPort> inTurn(List<PublishedPort> settled) {
        return settled.stream().sorted(Comparator.comparing(Turn::of)).toList();
    }

    private static boolean isDual(InetAddress address) {
        return address instanceof Inet6Address && address.isAnyLocalAddress();
    }

    private static String written(PublishedPort port) {
        return PortRefusal.written(port);
    }

    /** Returns the ports in the order they were wanted in, with the host's side settled, whether still held or not. */
    public List<PublishedPort> ports() {
        return ports;
    }

    /**
     * Binds one more, which is settled.
     *
     * @throws FcvmException when it cannot be had
     */
    public void hold(PublishedPort port) throws FcvmException {
        synchronized (held) {
            if (!held.containsKey(port)) {
                take(held, port, LowPorts.ofProcess(), opening);
            }
        }
    }

    /** Returns how many are held. */
    int count() {
        synchronized (held) {
            return held.size();
        }
    }

    /** Has a selector tell when somebody calls at one. */
    void tell(Selector selector) throws IOException {
        synchronized (held) {
            for (HeldPort socket : Set.copyOf(held.values())) {
                socket.tell(selector);
            }
        }
    }

    /**
     * Returns the same ports, held so that callers are refused: where callers waited at them, they are closed, and bound
     * anew.
     *
     * @param unheld is told why one is not held any more, if another program has taken it in that very moment
     */
    public PortReservation quiet(Consumer<FcvmException> unheld) {
        if (!listens) {
            return this;
        }
        var quiet = new PortReservation(new HashMap<>(), ports);
        close();
        for (PublishedPort port : inTurn(ports)) {
            try {
                quiet.hold(port);
            } catch (FcvmException taken) {
                unheld.accept(taken);
            }
        }
        return quiet;
    }

    /** Lets one go, so that it can be bound anew. Nothing happens when it is not held. */
    public void release(PublishedPort port) {
        synchronized (held) {
            HeldPort socket = held.remove(port);
            if (socket != null && !held.containsValue(socket)) {
                socket.close();
            }
        }
    }

    /** Lets all go. */
    @Override
    public void close() {
        synchronized (held) {
            Set<HeldPort> sockets = new HashSet<>(held.values());
            held.clear();
            sockets.forEach(HeldPort::close);
        }
    }
}
