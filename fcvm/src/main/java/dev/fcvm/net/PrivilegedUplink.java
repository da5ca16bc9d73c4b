package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Tool;
import dev.fcvm.settings.NetworkPool;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The uplink of a machine started as root: a veth pair with addresses of the pool, and elements in fcvm's table of the
 * host's firewall. To attach takes three processes (ip here, ip inside, nft), however many machines and ports there are.
 *
 * <p>What it does to the host is written into the machine's directory first, and {@link #sweep} takes it back from there
 * after a {@code kill -9}.
 */
public final class PrivilegedUplink implements Uplink {

    /** A veth's own. */
    private static final int MTU = 1500;

    private final MachineId machine;
    private final HostNetwork host;
    private final UplinkJournal journal;
    private final NetworkClaims.Claim claim;
    private final HostTable table;
    private final List<InetAddress> resolvers;
    private final List<PublishedPort> ports;
    private final boolean hostLoopback;
    private boolean attached;
    private boolean closed;
    private boolean forwardingTurnedOn;

    private PrivilegedUplink(
            MachineId machine,
            HostNetwork host,
            UplinkJournal journal,
            NetworkClaims.Claim claim,
            List<InetAddress> resolvers,
            List<PublishedPort> ports,
            boolean hostLoopback) {
        this.machine = machine;
        this.host = host;
        this.journal = journal;
        this.claim = claim;
        this.table = new HostTable(host.template());
        this.resolvers = List.copyOf(resolvers);
        this.ports = new ArrayList<>(ports);
        this.hostLoopback = hostLoopback;
    }

    /**
     * Checks, before anything is made for a machine, that it could have one.
     *
     * @throws FcvmException when a tool is not there, or something is asked for that it cannot do
     */
    public static void check(NetworkRequest request) throws FcvmException {
        Tool.named("ip", "iproute2").require();
        Tool.named("nft", "nftables").require();
        if (request.ipv6()) {
            throw new FcvmException(
                    Kind.USAGE, "--ipv6 is for rootless machines so far: add --mode rootless, or leave it out");
        }
    }

    /**
     * Claims what it will need; the host's network stays as it is.
     *
     * @param directory the machine's, where the journal goes
     * @param ports each with its address and its port on the host, which are reserved
     * @param dns the name servers the user named; if none, the host's are used
     * @param hostLoopback whether the machine may call what listens on the host's loopback
     * @throws FcvmException when no network of the pool is free, the host uses the pool, or no name server is known
     */
    public static PrivilegedUplink claim(
            MachineId machine,
            Path directory,
            NetworkPool pool,
            HostNetwork host,
            List<PublishedPort> ports,
            List<InetAddress> dns,
            boolean hostLoopback)
            throws FcvmException, InterruptedException {
        for (PublishedPort port : ports) {
            requireSettled(port);
        }
        List<InetAddress> resolvers = dns.isEmpty() ? HostResolver.ofHost().reachable() : dns;
        UplinkJournal journal = UplinkJournal.in(directory);
        HostTable table = new HostTable(host.template());
        NetworkClaims.Claim claim = new NetworkClaims(host.claims())
                .claim(machine, pool, journal::network, network -> clear(table, network));
        return new PrivilegedUplink(machine, host, journal, claim, resolvers, ports, hostLoopback);
    }

    private static void clear(HostTable table, MachineNetwork network) throws FcvmException, InterruptedException {
        table.forget(network.machine());
        table.remove(HostTable.Element.of(network));
    }

    static void requireSettled(PublishedPort port) throws FcvmException {
        InetAddress address =
                port.address().orElseThrow(() -> new IllegalArgumentException("no address is settled: " + port));
        if (port.hostPort() == 0) {
            throw new IllegalArgumentException("no port of the host is settled: " + port);
        }
        if (!(address instanceof Inet4Address)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "cannot publish %s: a machine started as root is reached by IPv4 addresses; name one, such as 0.0.0.0"
                            .formatted(port));
        }
    }

    @Override
    public List<String> search() {
        return HostResolver.ofHost().search();
    }

    @Override
    public Inet4Address host() {
        return claim.network().host();
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
        return claim.network().machine();
    }

    @Override
    public List<InetAddress> resolvers() {
        return resolvers;
    }

    @Override
    public synchronized List<String> notes() {
        return forwardingTurnedOn
                ? List.of("the host passes packets on between its networks now (net.ipv4.ip_forward), as machines need;"
                        + " scripts/setup-nftables.sh remove turns it off again")
                : List.of();
    }

    @Override
    public synchronized void attach(long process) throws FcvmException, InterruptedException {
        if (attached || closed) {
            throw new IllegalStateException("attached before, or closed");
        }
        attached = true;
        forwardingTurnedOn = Forwarding.ensure(host.claims());
        List<HostTable.Element> elements = new ArrayList<>(HostTable.Element.of(claim.network()));
        if (hostLoopback) {
            elements.add(HostTable.Element.calling(claim.network()));
        }
        int before = elements.size();
        for (PublishedPort port : ports) {
            note(port);
            elements.add(HostTable.Element.of(port, address()));
        }
        new Veth(claim.network()).make(machine, process);
        OptionalInt refused = table.add(elements);
        if (refused.isPresent()) {
            // The first are in sets, where nothing is refused for being there.
            throw taken(ports.get(refused.getAsInt() - before));
        }
        for (PublishedPort port : ports) {
            OpenConnections.forgetCallers(port);
        }
    }

    @Override
    public synchronized List<PublishedPort> published() {
        return List.copyOf(ports);
    }

    @Override
    public synchronized PublishedPort publish(PublishedPort port) throws FcvmException, InterruptedException {
        requireSettled(port);
        if (!attached || closed) {
            throw new IllegalStateException("not attached");
        }
        if (ports.stream().anyMatch(other -> isSameOnHost(other, port))) {
            throw taken(port);
        }
        note(port);
        if (table.add(List.of(HostTable.Element.of(port, address()))).isPresent()) {
            throw taken(port);
        }
        OpenConnections.forgetCallers(port);
        ports.add(port);
        return port;
    }

    private static boolean isSameOnHost(PublishedPort one, PublishedPort other) {
        return one.address().equals(other.address())
                && one.hostPort() == other.hostPort()
                && one.protocol() == other.protocol();
    }

    private FcvmException taken(PublishedPort port) throws FcvmException, InterruptedException {
        return taken(port, address(), table, host);
    }

    /**
     * Says which of these ports another machine has, where that is why they cannot be held: the kernel tells nobody who
     * holds a port without listening.
     *
     * @param wanted as the user named them
     */
    public static Optional<FcvmException> taken(List<PublishedPort> wanted, HostNetwork host)
            throws FcvmException, InterruptedException {
        HostTable table = new HostTable(host.template());
        Inet4Address nobody = Inet4Address.ofLiteral("0.0.0.0");
        for (PublishedPort port : wanted) {
            PublishedPort settled = port.on(port.address().orElse(nobody), port.hostPort());
            if (port.hostPort() != 0
                    && settled.address().get() instanceof Inet4Address
                    && table.destination(HostTable.Element.of(settled, nobody)).isPresent()) {
                return Optional.of(taken(settled, nobody, table, host));
            }
        }
        return Optional.empty();
    }

    private static FcvmException taken(PublishedPort port, Inet4Address own, HostTable table, HostNetwork host)
            throws FcvmException, InterruptedException {
        String holder = "";
        Optional<Inet4Address> leadsTo = table.destination(HostTable.Element.of(port, own));
        if (leadsTo.isPresent()) {
            try {
                holder = new NetworkClaims(host.claims())
                        .holder(MachineNetwork.of(leadsTo.get()))
                        .map(id -> " by the machine " + new MachineId(id).brief())
                        .orElse(" by the machine at " + leadsTo.get().getHostAddress());
            } catch (IOException | IllegalArgumentException e) {
                holder = " by the machine at " + leadsTo.get().getHostAddress();
            }
        }
        return new FcvmException(
                Kind.IN_USE,
                "cannot publish %s: %s port %d of the host is published already%s; choose another port"
                        .formatted(port, port.protocol().word(), port.hostPort(), holder));
    }

    private void note(PublishedPort port) throws FcvmException {
        try {
            journal.port(port);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot write down that %s is to be published: %s".formatted(port, e), e);
        }
    }

    @Override
    public synchronized void unpublish(PublishedPort port) throws FcvmException, InterruptedException {
        if (ports.contains(port)) {
            table.remove(List.of(HostTable.Element.of(port, address())));
            ports.remove(port);
            OpenConnections.forget(port, address());
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        // An interrupted run takes back as much as any other.
        boolean interrupted = Thread.interrupted();
        try {
            boolean back = !attached;
            while (!back) {
                try {
                    // The journal knows of those, too, that another process has published.
                    takeBack(claim.network(), journal.read().ports(), table);
                    back = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            claim.close();
            journal.delete();
            closed = true;
        } catch (IOException | FcvmException e) {
            // Claim and journal stay as they are, for the sweep.
            throw new IllegalStateException(
                    "cannot take back the network of machine %s: %s".formatted(machine.brief(), e.getMessage()), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void takeBack(MachineNetwork network, List<PublishedPort> ports, HostTable table)
            throws FcvmException, InterruptedException {
        List<HostTable.Element> elements = new ArrayList<>(HostTable.Element.of(network));
        elements.add(HostTable.Element.calling(network));
        for (PublishedPort port : ports) {
            elements.add(HostTable.Element.of(port, network.machine()));
        }
        try {
            table.remove(elements);
        } finally {
            new Veth(network).remove();
        }
        if (!ports.isEmpty()) {
            OpenConnections.forget(network.machine());
        }
    }

    /**
     * Takes back what a machine had on the host whose owner was killed. Idempotent; does nothing where there was nothing.
     *
     * @param directory the machine's
     */
    public static void sweep(MachineId machine, Path directory, HostNetwork host)
            throws FcvmException, InterruptedException {
        UplinkJournal journal = UplinkJournal.in(directory);
        try {
            Optional<MachineNetwork> network = journal.read().network();
            if (network.isEmpty()) {
                journal.delete();
                return;
            }
        } catch (IOException e) {
            throw unreadable(machine, e);
        }
        NetworkClaims claims = new NetworkClaims(host.claims());
        claims.locked(() -> {
            UplinkJournal.Content done = journal.read();
            MachineNetwork network = done.network().orElseThrow();
            // If it is somebody else's by now, whoever gave it to them has taken everything back.
            if (claims.holder(network).filter(machine.value()::equals).isPresent()) {
                takeBack(network, done.ports(), new HostTable(host.template()));
                claims.release(network);
            }
            journal.delete();
            return done;
        });
    }

    /** Returns the ports of a machine that runs; nothing when it has no such uplink. */
    static Optional<UplinkPorts> ways(MachineId machine, Path directory, Path sockets, HostNetwork host)
            throws FcvmException {
        UplinkJournal journal = UplinkJournal.in(directory);
        try {
            return journal.read()
                    .network()
                    .map(network -> new UplinkPorts(network, journal, new HostTable(host.template()), sockets));
        } catch (IOException e) {
            throw unreadable(machine, e);
        }
    }

    private static FcvmException unreadable(MachineId machine, IOException cause) {
        return new FcvmException(
                Kind.HOST,
                "cannot take back the network of machine %s: %s".formatted(machine.brief(), cause.getMessage()),
                cause);
    }
}
