package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.uplink.Entrance;
import dev.fcvm.net.uplink.HostResolver;
import dev.fcvm.net.uplink.Uplink;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The uplink of a machine started as root: a veth pair with addresses of the pool, and elements in fcvm's table of the
 * host's firewall. To attach takes three processes (ip here, ip inside, nft), however many machines and ports there are.
 *
 * <p>What it does to the host is written into the machine's journal first, and taken back from there. The host's ports
 * it translates are bound by this process as long as they are published, so that no program binds a port whose packets it
 * would never see.
 */
public final class PrivilegedUplink implements Uplink {

    /** A veth's own. */
    private static final int MTU = 1500;

    private final Ends ends;
    private final UplinkRequest asked;
    private final OwnUplink own;
    private final HostTable table;
    private final List<InetAddress> resolvers;
    private PortReservation reserved;
    private final List<PublishedPort> ports;
    private final List<String> notes = new ArrayList<>();

    private boolean attached;
    private boolean closed;

    /**
     * Where it is, and whom it speaks to.
     *
     * @param machine the machine
     * @param directory the machine's
     * @param host where privileged uplinks meet
     * @param journal the machine's
     * @param warnings is told in one line what is not as it should be, but does not hinder the machine
     */
    public record Ends(
            MachineId machine, Path directory, HostNetwork host, Journal journal, Consumer<String> warnings) {}

    private PrivilegedUplink(
            Ends ends,
            UplinkRequest asked,
            OwnUplink own,
            List<InetAddress> resolvers,
            PortReservation reserved,
            List<PublishedPort> ports) {
        this.ends = ends;
        this.asked = asked;
        this.own = own;
        this.table = new HostTable(ends.host().template());
        this.resolvers = List.copyOf(resolvers);
        this.reserved = reserved;
        this.ports = new ArrayList<>(ports);
    }

    /** Returns how what it has on the host is read back from a machine's journal. */
    public static ResourceKind kind(HostNetwork host) {
        return OwnUplink.kind(host);
    }

    /**
     * Claims what it will need; the host's network stays as it is.
     *
     * @param ports what is to be published
     * @param waiting those ports, where they are held already
     * @param preferred an address it had before, if it is to have that again where it is free
     * @throws FcvmException when a port is taken, no network of the pool is free, the host uses the pool, or no name server
     *     is known
     */
    public static PrivilegedUplink claim(
            Ends ends,
            UplinkRequest asked,
            List<PublishedPort> ports,
            Optional<PortReservation> waiting,
            Optional<Inet4Address> preferred)
            throws FcvmException, InterruptedException {
        if (asked.pool6().isPresent()) {
            ForeignRoutes.refuse(asked.pool6().get(), ForeignRoutes.TABLE);
        }
        List<InetAddress> resolvers = asked.resolvers();
        PortReservation reserved = waiting.isPresent() ? waiting.get() : hold(ends, asked, ports);
        boolean claimed = false;
        try {
            OwnUplink own = claim(ends, asked, preferred.map(MachineNetwork::of));
            claimed = true;
            return new PrivilegedUplink(ends, asked, own, resolvers, reserved, reserved.ports());
        } finally {
            if (!claimed) {
                reserved.close();
            }
        }
    }

    private static PortReservation hold(Ends ends, UplinkRequest asked, List<PublishedPort> ports)
            throws FcvmException, InterruptedException {
        try {
            return asked.hold(ports);
        } catch (FcvmException refused) {
            throw TakenPorts.find(ports, ends.host()).orElse(refused);
        }
    }

    private static OwnUplink claim(Ends ends, UplinkRequest asked, Optional<MachineNetwork> preferred)
            throws FcvmException, InterruptedException {
        HostTable table = new HostTable(ends.host().template());
        MachineNetwork network = new NetworkClaims(ends.host().claims())
                .claim(
                        ends.directory(),
                        asked.pool(),
                        preferred,
                        found -> ends.journal().acquire(own(ends, asked, found)),
                        stale -> OwnUplink.clear(
                                table, stale, own(ends, asked, stale).ipv6()));
        return own(ends, asked, network);
    }

    private static OwnUplink own(Ends ends, UplinkRequest asked, MachineNetwork network) {
        return new OwnUplink(
                ends.host(), ends.directory(), network, asked.pool6().map(pool -> MachineNetwork6.of(pool, network)));
    }

    /**
     * Takes over that of a machine whose supervisor is gone: on return these ports are open, and no others, and bound
     * here.
     *
     * @param ports as they are to be, settled
     * @throws FcvmException when the machine's journal knows of no such uplink
     */
    public static PrivilegedUplink adopt(Ends ends, UplinkRequest asked, List<PublishedPort> ports)
            throws FcvmException, InterruptedException {
        OwnUplink own = ends.journal().held().stream()
                .filter(OwnUplink.class::isInstance)
                .map(OwnUplink.class::cast)
                .findFirst()
                .orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "cannot take over the network of machine %s: its journal names none"
                                .formatted(ends.machine().brief())));
        PortReservation reserved = PortReservation.hold(List.of(), InetAddress.ofLiteral("0.0.0.0"));
        PrivilegedUplink uplink = new PrivilegedUplink(ends, asked, own, asked.resolvers(), reserved, ports);
        uplink.attached = true;
        uplink.openThoseAlone();
        return uplink;
    }

    /** Whoever was publishing or taking back a port in the moment it was killed has been told of no success. */
    private synchronized void openThoseAlone() throws FcvmException, InterruptedException {
        List<HostTable.Element> wanted = new ArrayList<>();
        for (PublishedPort port : PortReservation.inTurn(ports)) {
            wanted.add(element(port));
            try {
                reserved.hold(port);
            } catch (FcvmException taken) {
                unheld(taken);
            }
        }
        List<HostTable.Element> others =
                new ArrayList<>(table.leadingTo(own.network().machine()));
        others.removeAll(wanted);
        table.remove(others);
        OptionalInt refused = table.add(wanted);
        if (refused.isPresent()) {
            ends.warnings()
                    .accept(String.valueOf(taken(PortReservation.inTurn(ports).get(refused.getAsInt()))
                            .getMessage()));
        }
    }

    private HostTable.Element element(PublishedPort port) throws FcvmException {
        return HostTable.Element.of(port, behind(port));
    }

    /** Returns the machine's address that a settled port leads to. */
    private InetAddress behind(PublishedPort port) throws FcvmException {
        return own.addresses().behind(port).orElseThrow(() -> PrivilegedNeeds.unreachable(port));
    }

    @Override
    public List<String> search() {
        return HostResolver.ofHost().search();
    }

    @Override
    public Inet4Address host() {
        return own.network().host();
    }

    @Override
    public List<String> closed() {
        return List.of(); // the host's own table sees to that
    }

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public Entrance entrance(long process) {
        return new Entrance(process, false);
    }

    @Override
    public void part() {
        // The table and the veth take no notice of a machine's end.
    }

    @Override
    public Inet4Address address() {
        return own.network().machine();
    }

    @Override
    public List<InetAddress> resolvers() {
        return resolvers;
    }

    @Override
    public synchronized List<String> notes() {
        return List.copyOf(notes);
    }

    private static String note(String setting) {
        return "the host passes packets on between its networks now (%s), as machines need;".formatted(setting)
                + " scripts/setup-nftables.sh remove turns it off again";
    }

    @Override
    public synchronized void attach(long process) throws FcvmException, InterruptedException {
        if (attached || closed) {
            throw new IllegalStateException("attached before, or closed");
        }
        attached = true;
        HostNetwork host = ends.host();
        if (Forwarding.ensure(host.claims())) {
            notes.add(note("net.ipv4.ip_forward"));
        }
        if (own.ipv6().isPresent() && Forwarding6.ensure(host.claims())) {
            notes.add(note("net.ipv6.conf.all.forwarding"));
        }
        List<HostTable.Element> elements = OwnUplink.passing(own.network(), own.ipv6());
        if (asked.hostLoopback()) {
            elements.add(HostTable.Element.calling(own.network()));
        }
        int before = elements.size();
        elements.addAll(elements());
        new Veth(own.network(), own.ipv6()).make(ends.machine(), process);
        OptionalInt refused = table.add(elements);
        if (refused.isPresent()) {
            // The first are in sets, where nothing is refused for being there.
            throw taken(ports.get(refused.getAsInt() - before));
        }
        letIn();
    }

    /** Those who waited are let in; from here on the table leads whoever calls past our sockets. */
    private void letIn() throws FcvmException, InterruptedException {
        reserved = reserved.quiet(this::unheld);
        for (PublishedPort port : ports) {
            OpenConnections.forgetCallers(port);
        }
    }

    private void unheld(FcvmException taken) {
        ends.warnings().accept("another program may bind a port of the machine: " + taken.getMessage());
    }

    @Override
    public synchronized void silence() throws FcvmException, InterruptedException {
        table.remove(elements());
        reserved.close();
    }

    @Override
    public synchronized void speak(Optional<PortReservation> waiting) throws FcvmException, InterruptedException {
        reserved = waiting.isPresent() ? waiting.get() : hold(ends, asked, ports);
        OptionalInt refused = table.add(elements());
        if (refused.isPresent()) {
            throw taken(ports.get(refused.getAsInt()));
        }
        letIn();
    }

    private List<HostTable.Element> elements() throws FcvmException {
        List<HostTable.Element> elements = new ArrayList<>();
        for (PublishedPort port : ports) {
            elements.add(element(port));
        }
        return elements;
    }

    @Override
    public synchronized List<PublishedPort> published() {
        return List.copyOf(ports);
    }

    @Override
    public synchronized List<PublishedPort> publish(List<PublishedPort> wanted)
            throws FcvmException, InterruptedException {
        if (!attached || closed) {
            throw new IllegalStateException("not attached");
        }
        List<PublishedPort> settled;
        try (PortReservation free = hold(ends, asked, wanted)) {
            settled = free.ports();
        }
        List<HostTable.Element> elements = new ArrayList<>();
        for (PublishedPort port : settled) {
            elements.add(element(port));
        }
        boolean open = false;
        try {
            for (PublishedPort port : PortReservation.inTurn(settled)) {
                reserved.hold(port);
            }
            OptionalInt refused = table.add(elements);
            if (refused.isPresent()) {
                throw taken(settled.get(refused.getAsInt()));
            }
            open = true;
        } finally {
            if (!open) {
                settled.forEach(reserved::release);
                // An interruption may have come before or after the act.
                Uninterrupted.run(() -> table.remove(elements));
            }
        }
        ports.addAll(settled);
        for (PublishedPort port : settled) {
            OpenConnections.forgetCallers(port);
        }
        return settled;
    }

    private FcvmException taken(PublishedPort port) throws FcvmException, InterruptedException {
        return TakenPorts.refusal(port, table, ends.host());
    }

    @Override
    public synchronized void unpublish(PublishedPort port) throws FcvmException, InterruptedException {
        if (ports.contains(port)) {
            table.remove(List.of(element(port)));
            ports.remove(port);
            reserved.release(port);
            OpenConnections.forget(port, behind(port));
        }
    }

    @Override
    public synchronized void letGo() {
        closed = true;
        reserved.close();
    }

    @Override
    public synchronized void close() throws FcvmException {
        if (!closed) {
            // What cannot be taken back stays in the journal, for another try.
            ends.journal().release(own);
            closed = true;
            reserved.close();
        }
    }
}
