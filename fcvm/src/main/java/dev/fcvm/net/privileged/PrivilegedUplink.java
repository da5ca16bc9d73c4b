package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Tool;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.uplink.Entrance;
import dev.fcvm.net.uplink.HostResolver;
import dev.fcvm.net.uplink.Uplink;
import dev.fcvm.settings.NetworkPool;
import dev.fcvm.settings.NetworkPool6;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
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
 * <p>What it does to the host is written into the machine's directory first, and {@link UplinkUndo} takes it back from there
 * after a {@code kill -9}.
 */
public final class PrivilegedUplink implements Uplink {

    /** A veth's own. */
    private static final int MTU = 1500;

    private final MachineId machine;
    private final HostNetwork host;
    private final UplinkJournal journal;
    private final NetworkClaims.Claim claim;
    private final Optional<MachineNetwork6> ipv6;
    private final HostTable table;
    private final List<InetAddress> resolvers;
    private final List<PublishedPort> ports;
    private final boolean hostLoopback;
    private boolean attached;
    private boolean closed;
    private final List<String> notes = new ArrayList<>();

    private PrivilegedUplink(
            MachineId machine,
            HostNetwork host,
            UplinkJournal journal,
            NetworkClaims.Claim claim,
            Optional<MachineNetwork6> ipv6,
            List<InetAddress> resolvers,
            List<PublishedPort> ports,
            boolean hostLoopback) {
        this.machine = machine;
        this.host = host;
        this.journal = journal;
        this.claim = claim;
        this.ipv6 = ipv6;
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
        Optional<String> missing = request.ipv6() ? Forwarding6.missing() : Optional.empty();
        if (missing.isPresent()) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot give the machine IPv6, which this host has none of: %s; leave --ipv6 out"
                            .formatted(missing.get()));
        }
        for (PublishedPort port : request.ports()) {
            if (!request.ipv6()
                    && port.address().filter(Inet6Address.class::isInstance).isPresent()) {
                throw unreachable(port);
            }
        }
    }

    private static FcvmException unreachable(PublishedPort port) {
        return new FcvmException(
                Kind.USAGE,
                "cannot publish %s: the machine speaks IPv4 alone; start it with --ipv6, or name an IPv4 address"
                        .formatted(port));
    }

    /**
     * Claims what it will need; the host's network stays as it is.
     *
     * @param directory the machine's, where the journal goes
     * @param pool where its addresses come from
     * @param pool6 where its IPv6 addresses come from; empty for none
     * @param ports each with its address and its port on the host, which are reserved
     * @param dns the name servers the user named; if none, the host's are used
     * @param hostLoopback whether the machine may call what listens on the host's loopback
     * @throws FcvmException when no network of the pool is free, the host uses the pool, or no name server is known
     */
    public static PrivilegedUplink claim(
            MachineId machine,
            Path directory,
            NetworkPool pool,
            Optional<NetworkPool6> pool6,
            HostNetwork host,
            List<PublishedPort> ports,
            List<InetAddress> dns,
            boolean hostLoopback)
            throws FcvmException, InterruptedException {
        for (PublishedPort port : ports) {
            requireSettled(port);
        }
        if (pool6.isPresent()) {
            ForeignRoutes.refuse(pool6.get(), ForeignRoutes.TABLE);
        }
        List<InetAddress> resolvers = dns.isEmpty() ? HostResolver.ofHost().reachable() : dns;
        UplinkJournal journal = UplinkJournal.in(directory);
        HostTable table = new HostTable(host.template());
        NetworkClaims.Claim claim = new NetworkClaims(host.claims())
                .claim(
                        machine,
                        pool,
                        network -> {
                            journal.network(network);
                            if (pool6.isPresent()) {
                                journal.network(MachineNetwork6.of(pool6.get(), network));
                            }
                        },
                        network -> UplinkUndo.clear(table, network, pool6));
        Optional<MachineNetwork6> ipv6 = pool6.map(addresses -> MachineNetwork6.of(addresses, claim.network()));
        return new PrivilegedUplink(machine, host, journal, claim, ipv6, resolvers, ports, hostLoopback);
    }

    private MachineAddresses addresses() {
        return new MachineAddresses(address(), ipv6.map(MachineNetwork6::machine));
    }

    /** Returns the machine's address that a settled port leads to. */
    static InetAddress behind(PublishedPort port, MachineAddresses machine) throws FcvmException {
        requireSettled(port);
        return machine.behind(port).orElseThrow(() -> unreachable(port));
    }

    private static void requireSettled(PublishedPort port) {
        if (port.address().isEmpty()) {
            throw new IllegalArgumentException("no address is settled: " + port);
        }
        if (port.hostPort() == 0) {
            throw new IllegalArgumentException("no port of the host is settled: " + port);
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
        if (Forwarding.ensure(host.claims())) {
            notes.add(note("net.ipv4.ip_forward"));
        }
        if (ipv6.isPresent() && Forwarding6.ensure(host.claims())) {
            notes.add(note("net.ipv6.conf.all.forwarding"));
        }
        List<HostTable.Element> elements = UplinkUndo.elements(claim.network(), ipv6);
        if (hostLoopback) {
            elements.add(HostTable.Element.calling(claim.network()));
        }
        int before = elements.size();
        for (PublishedPort port : ports) {
            note(port);
            elements.add(HostTable.Element.of(port, behind(port, addresses())));
        }
        new Veth(claim.network(), ipv6).make(machine, process);
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
        InetAddress behind = behind(port, addresses());
        if (!attached || closed) {
            throw new IllegalStateException("not attached");
        }
        if (ports.stream().anyMatch(other -> isSameOnHost(other, port))) {
            throw taken(port);
        }
        note(port);
        if (table.add(List.of(HostTable.Element.of(port, behind))).isPresent()) {
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
        return TakenPorts.refusal(port, table, host);
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
            InetAddress behind = behind(port, addresses());
            table.remove(List.of(HostTable.Element.of(port, behind)));
            ports.remove(port);
            OpenConnections.forget(port, behind);
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
                    UplinkUndo.takeBack(claim.network(), journal.read(), table);
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
}
