package dev.fcvm.net.rootless;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.port.LowPorts;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.uplink.Entrance;
import dev.fcvm.net.uplink.HelperLog;
import dev.fcvm.net.uplink.HelperProcess;
import dev.fcvm.net.uplink.HostResolver;
import dev.fcvm.net.uplink.Uplink;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The uplink that needs no privilege: slirp4netns, a TCP/IP stack in a process of the user's. What the guest sends, it
 * sends as that user; what comes in for a published port it takes on a socket of the host and passes on. A guest sees
 * the caller's own address, or 10.0.2.2 for one on the host's loopback. See slirp4netns(1).
 */
public final class SlirpUplink implements Uplink {

    /** What slirp4netns is fastest with, its own maximum but one. */
    public static final int MTU = 65_520;

    /** Where the guest finds the host's loopback, if it may. */
    public static final Inet4Address HOST = address("10.0.2.2");

    private static final List<String> NETWORKS = List.of("10.0.2.0/24", "fd00::/64");

    private static final Inet4Address OWN = address("10.0.2.100");
    private static final Inet4Address RESOLVER = address("10.0.2.3");
    /** What its own {@code --configure} does where it makes the interface. */
    private static final String LINKS = """
            address replace %s/24 dev uplink0
            link set uplink0 mtu %d up
            route replace default via %s dev uplink0
            """.formatted(OWN.getHostAddress(), MTU, HOST.getHostAddress());

    private static final String IPV6_LINKS = """
            address replace fd00::100/64 dev uplink0 nodad
            route replace default via fd00::2 dev uplink0
            """;

    private final MachineId machine;
    private final Path socket;
    private final SlirpProcess slirp;
    private final boolean separate;
    private final boolean hostLoopback;
    private final boolean ipv6;
    private final Optional<PortReservation> reserved;
    /** As they are now, in the order they were published; also what a new slirp4netns is to open. */
    private final List<PublishedPort> published;

    private final List<String> search = HostResolver.ofHost().search();
    private final HelperProcess.Noted record;
    private final Consumer<String> warnings;

    private @Nullable HelperProcess helper;

    private SlirpUplink(
            Ends ends, NetworkRequest request, Optional<PortReservation> reserved, List<PublishedPort> published) {
        this.machine = ends.machine();
        this.separate = ends.user().isPresent();
        this.slirp = new SlirpProcess(
                ends.machine(),
                ends.sockets(),
                ends.user(),
                new HelperLog(ends.directory().resolve("slirp4netns.log")),
                request.ipv6(),
                ends.warnings());
        this.socket = slirp.socket();
        this.hostLoopback = request.hostLoopback();
        this.ipv6 = request.ipv6();
        this.reserved = reserved;
        this.published = new ArrayList<>(published);
        this.record = ends.record();
        this.warnings = ends.warnings();
    }

    /**
     * Where it is, and whom it speaks to.
     *
     * @param machine the machine
     * @param directory the machine's
     * @param sockets a directory of the machine's own (0700) for the API socket
     * @param user as whom slirp4netns runs, who is nobody else; none for the user who runs this
     * @param record is given what identifies each slirp4netns, to be written down
     * @param warnings is told in one line when slirp4netns has ended by itself; on a thread of its own
     */
    public record Ends(
            MachineId machine,
            Path directory,
            Path sockets,
            OptionalInt user,
            HelperProcess.Noted record,
            Consumer<String> warnings) {}

    /**
     * Checks, before anything is made for a machine, that it could have one.
     *
     * @param separate whether slirp4netns is to be somebody else than who runs this
     * @throws FcvmException when a tool is not there, or a port has an address it cannot serve
     */
    public static void check(NetworkRequest request, boolean separate) throws FcvmException {
        SlirpProcess.PROGRAM.require();
        Tool.named("nsenter", "util-linux").require();
        Tool.named("nft", "nftables").require();
        Tool.named("ip", "iproute2").require();
        for (PublishedPort port : request.ports()) {
            if (separate
                    && port.hostPort() != 0
                    && LowPorts.ofProcess().withoutPrivilege().forbid(port.hostPort())) {
                throw new FcvmException(
                        Kind.USAGE,
                        ("cannot publish %s: a rootless machine of root's has no privileged ports, as its slirp4netns is"
                                        + " nobody's user; take a higher one, or use --mode privileged")
                                .formatted(port));
            }
            if (port.address().isPresent() && !(port.address().get() instanceof Inet4Address)) {
                throw new FcvmException(
                        Kind.USAGE,
                        "cannot publish %s: a rootless machine's ports have IPv4 addresses only; leave the address out"
                                .formatted(port));
            }
        }
    }

    /**
     * Claims the host's ports.
     *
     * @param waiting those ports, where they are held already
     * @throws FcvmException when a port is taken
     */
    public static SlirpUplink prepare(Ends ends, NetworkRequest request, Optional<PortReservation> waiting)
            throws FcvmException {
        PortReservation reserved = waiting.isPresent()
                ? waiting.get()
                : hold(request.ports(), ends.user().isPresent());
        return new SlirpUplink(ends, request, Optional.of(reserved), reserved.ports());
    }

    private static PortReservation hold(List<PublishedPort> ports, boolean separate) throws FcvmException {
        LowPorts own = LowPorts.ofProcess();
        return PortReservation.hold(ports, InetAddress.ofLiteral("127.0.0.1"), separate ? own.withoutPrivilege() : own);
    }

    /**
     * Takes over that of a machine whose supervisor is gone: on return these ports are open, and no others.
     *
     * @param request with the ports as they are to be, settled
     * @param process a process in the machine's network namespace
     * @param known its slirp4netns, as it was written down
     */
    public static SlirpUplink adopt(Ends ends, NetworkRequest request, long process, Optional<ProcessIdentity> known)
            throws FcvmException, InterruptedException {
        SlirpUplink uplink = new SlirpUplink(ends, request, Optional.empty(), request.ports());
        HelperProcess helper = uplink.helper(process);
        helper.adopt(known);
        try {
            if (helper.handle().isPresent()) {
                uplink.openThoseAlone();
            }
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot see to the machine's published ports: " + IoReason.of(e), e);
        }
        return uplink;
    }

    /** Whoever was publishing or taking back a port in the moment it was killed has been told of no success. */
    private synchronized void openThoseAlone() throws IOException, FcvmException {
        SlirpApi api = new SlirpApi(socket);
        List<PublishedPort> open = new ArrayList<>();
        for (SlirpApi.Forwarding forwarding : api.list()) {
            if (published.contains(forwarding.port())) {
                open.add(forwarding.port());
            } else {
                api.remove(forwarding.port());
            }
        }
        for (PublishedPort port : published) {
            if (!open.contains(port)) {
                open(port);
            }
        }
    }

    @Override
    public Inet4Address address() {
        return OWN;
    }

    @Override
    public List<InetAddress> resolvers() {
        return List.of(RESOLVER); // which asks the host's own, whatever and wherever they are
    }

    @Override
    public List<String> search() {
        return search;
    }

    @Override
    public Inet4Address host() {
        return HOST;
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    /**
     * Every address there is the host's loopback to slirp4netns. Its own {@code --disable-host-loopback} would close the
     * way back as well: what a guest answers by UDP to a caller on the host's loopback never came.
     */
    @Override
    public List<String> closed() {
        return hostLoopback ? List.of() : NETWORKS;
    }

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public Entrance entrance(long namespace) {
        return new Entrance(namespace, true);
    }

    @Override
    public void attach(long namespace) throws FcvmException, InterruptedException {
        helper(namespace).run();
    }

    private HelperProcess helper(long namespace) {
        HelperProcess made = new HelperProcess(
                machine,
                SlirpProcess.PROGRAM.program(),
                new HelperProcess.Loss("the machine's network", ", open connections are lost"),
                () -> serve(namespace),
                record,
                warnings);
        helper = made;
        return made;
    }

    /** Starts slirp4netns, and opens the ports there are to be by then. */
    private Process serve(long namespace) throws FcvmException, InterruptedException {
        Process started = slirp.start(namespace);
        boolean serves = false;
        try {
            if (separate) {
                entrance(namespace).links(LINKS);
            }
            if (ipv6) {
                entrance(namespace).links(IPV6_LINKS);
            }
            synchronized (this) {
                // Nobody else gets the ports between here and there but who tries in this very moment.
                reserved.ifPresent(PortReservation::close);
                for (PublishedPort port : published) {
                    open(port);
                }
                slirp.letManyCall(started.toHandle(), published);
            }
            serves = true;
            return started;
        } finally {
            if (!serves) {
                started.destroyForcibly();
            }
        }
    }

    private void open(PublishedPort port) throws FcvmException {
        try {
            new SlirpApi(socket).add(port, OWN.getHostAddress());
        } catch (SocketTimeoutException e) {
            throw new FcvmException(Kind.HOST, "cannot publish %s: %s".formatted(port, e.getMessage()), e);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "cannot publish %s: slirp4netns was refused it (%s); is it taken, or below 1024?"
                            .formatted(port, e.getMessage()),
                    e);
        }
    }

    @Override
    public synchronized List<PublishedPort> published() {
        return List.copyOf(published);
    }

    @Override
    public List<PublishedPort> publish(List<PublishedPort> wanted) throws FcvmException {
        List<PublishedPort> settled;
        synchronized (this) {
            try (PortReservation free = hold(wanted, separate)) {
                settled = free.ports();
            }
            openAll(settled);
            published.addAll(settled);
        }
        // Not while its lock is held: whoever starts slirp4netns anew waits for ours.
        Optional.ofNullable(helper)
                .flatMap(HelperProcess::handle)
                .ifPresent(process -> slirp.letManyCall(process, settled));
        return settled;
    }

    private void openAll(List<PublishedPort> settled) throws FcvmException {
        List<PublishedPort> open = new ArrayList<>();
        boolean all = false;
        try {
            for (PublishedPort port : PortReservation.inTurn(settled)) {
                open.add(port); // it may come to be open although no answer came in time
                open(port);
            }
            all = true;
        } finally {
            if (!all) {
                open.forEach(this::tryToClose);
            }
        }
    }

    /** What is told is why another could not be had. */
    private void tryToClose(PublishedPort port) {
        try {
            new SlirpApi(socket).remove(port);
        } catch (IOException e) {
            warnings.accept("%s is open although it is not published: %s".formatted(port, IoReason.of(e)));
        }
    }

    @Override
    public synchronized void unpublish(PublishedPort port) throws FcvmException {
        try {
            new SlirpApi(socket).remove(port);
            published.remove(port);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot close %s: slirp4netns says: %s".formatted(port, e.getMessage()), e);
        }
    }

    @Override
    public synchronized void silence() {
        published.forEach(this::tryToClose);
    }

    @Override
    public synchronized void speak(Optional<PortReservation> waiting) throws FcvmException {
        waiting.ifPresent(PortReservation::close);
        openAll(published);
    }

    @Override
    public void part() {
        Optional.ofNullable(helper).ifPresent(HelperProcess::part);
    }

    @Override
    public void letGo() {
        Optional.ofNullable(helper).ifPresent(HelperProcess::letGo);
        reserved.ifPresent(PortReservation::close);
    }

    @Override
    public void close() {
        Optional.ofNullable(helper).ifPresent(HelperProcess::close);
        reserved.ifPresent(PortReservation::close);
    }

    private static Inet4Address address(String literal) {
        return Inet4Address.ofLiteral(literal);
    }
}
