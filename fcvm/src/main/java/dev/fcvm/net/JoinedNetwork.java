package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.TunDevice;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.net.named.MemberRules;
import dev.fcvm.net.named.Membership;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.privileged.PrivilegedNeeds;
import dev.fcvm.net.rootless.SlirpUplink;
import dev.fcvm.net.uplink.Entrance;
import dev.fcvm.net.uplink.HelperLog;
import dev.fcvm.net.uplink.HelperProcess;
import dev.fcvm.net.uplink.Inside;
import dev.fcvm.net.uplink.Uplink;
import dev.fcvm.settings.Settings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The network of one machine: its uplink, its published ports, what may pass, and what the guest is told of it. It is
 * {@linkplain #prepare prepared} before the machine boots and {@linkplain #attach attached} while it does. Its processes
 * outlive this one: {@link #letGo} leaves it to itself, and {@link #adopt} takes it over in another process, also when the
 * one before was killed.
 */
public final class JoinedNetwork implements AutoCloseable {

    private static final String DNSMASQ = "dnsmasq";

    private final NetworkPlace place;
    private final NetworkRequest request;
    private final Uplink uplink;
    private final Optional<Membership> membership;
    private final HelperUsers users;
    private final NetworkRecord record;
    private final Consumer<String> warnings;

    private @Nullable Working working;
    private boolean ended;

    /**
     * What there is once it is attached.
     *
     * @param entrance the way into the machine's namespace
     * @param gate its name server, if it has one of its own
     * @param server by which other processes change the published ports
     */
    private record Working(Entrance entrance, Optional<HelperProcess> gate, PortServer server) {}

    JoinedNetwork(
            NetworkPlace place,
            NetworkRequest request,
            Uplink uplink,
            Optional<Membership> membership,
            HelperUsers users,
            NetworkRecord record,
            Consumer<String> warnings) {
        this.place = place;
        this.request = request;
        this.uplink = uplink;
        this.membership = membership;
        this.users = users;
        this.record = record;
        this.warnings = warnings;
    }

    /**
     * Checks, before anything is made for a machine, that it could have this network.
     *
     * @param rootless whether the machine is one of an ordinary user
     * @throws FcvmException when a tool is missing, or something is asked for that cannot be had
     */
    public static void check(NetworkRequest request, boolean rootless, Settings settings) throws FcvmException {
        TunDevice.require();
        if (rootless) {
            SlirpUplink.check(request, HelperUsers.canSeparateUplinks());
        } else {
            PrivilegedNeeds.check(request);
        }
        NameGate.check(request);
        if (request.joins().isPresent()) {
            new NamedNetworks(settings.directories()).check(request.joins().get());
        }
    }

    /**
     * Claims what the network needs of the host. A machine that had one before, and was stopped, gets the same ports as it
     * had last, and the same addresses where nobody else has them by now.
     *
     * @param names by which other machines are to find this one, if it is joined with any
     * @param waiting its published ports, where callers wait at them already; the network's from here on
     * @param warnings is told in one line what is not as it should be, also later; on a thread of its own
     * @throws FcvmException when a port is taken, or no address can be had; nothing is claimed then
     */
    public static JoinedNetwork prepare(
            NetworkPlace place,
            NetworkRequest request,
            List<String> names,
            Optional<PortReservation> waiting,
            Consumer<String> warnings)
            throws FcvmException, InterruptedException {
        Optional<NetworkState> before = NetworkRecord.read(place.directory());
        NetworkRequest asked = before.isPresent() ? request.with(before.get().published()) : request;
        return new NetworkPreparation(place, asked, before, warnings).prepare(names, waiting);
    }

    /**
     * Takes over the network of a machine that runs, and whose supervisor is gone. No packet is lost; what has ended
     * meanwhile is started anew, which is told.
     *
     * @param request what the machine was started with
     * @param process a process in the machine's namespaces
     * @param warnings as for {@link #prepare}
     * @throws FcvmException when there is nothing to go on with, as the supervisor was killed before the network worked
     */
    public static JoinedNetwork adopt(
            NetworkPlace place, NetworkRequest request, long process, Consumer<String> warnings)
            throws FcvmException, InterruptedException {
        NetworkState state = NetworkRecord.read(place.directory())
                .filter(NetworkState::attached)
                .orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "cannot take over the network of machine %s: it was not ready yet; start the machine anew"
                                .formatted(place.machine().brief())));
        JoinedNetwork network = new NetworkPreparation(
                        place, request.with(state.published()), Optional.of(state), warnings)
                .adopt(process, state);
        network.goOn(process, state);
        return network;
    }

    /**
     * Returns the ports a machine that does not run had last, and will have again.
     *
     * @param directory the machine's
     */
    public static List<PublishedPort> remembered(Path directory) throws FcvmException {
        Optional<NetworkState> state = NetworkRecord.read(directory);
        return state.isPresent() ? state.get().published() : List.of();
    }

    /** Returns what is done in the machine's namespace beside making the tap, for {@code ip -batch}. */
    public String links() {
        String ipv6 = request.ipv6()
                ? "address add %s/%d dev %s nodad\n".formatted(Inside.GATEWAY6, Inside.PREFIX6, Inside.TAP)
                : "";
        String net = memberRules().map(MemberRules::links).orElse("");
        return ipv6 + net + "link set dev lo up\n";
    }

    /** Returns what may pass there, for {@code nft -f}. */
    public String rules() {
        return NamespaceRules.of(
                uplink.published(), request.egress(), servers(), request.ipv6(), uplink.closed(), memberRules());
    }

    private Optional<MemberRules> memberRules() {
        return membership.map(place -> place.rules(users.number().orElse(0)));
    }

    /** Returns the largest packet that passes the uplink whole. */
    public int mtu() {
        return uplink.mtu();
    }

    /** Returns whether the guest speaks IPv6. */
    public boolean ipv6() {
        return request.ipv6();
    }

    /** Returns the lines of the guest's resolv.conf(5). */
    public List<String> resolver() {
        return new GuestTold(request, uplink).resolver();
    }

    /** Returns the further lines of the guest's hosts(5). */
    public List<String> hosts() {
        return new GuestTold(request, uplink).hosts();
    }

    /** Returns the ports that are published, with the host's side settled. */
    public List<PublishedPort> published() {
        return uplink.published();
    }

    /**
     * Joins the machine with the world.
     *
     * @param process a process in its namespaces, in which the {@linkplain #rules rules} are in force
     */
    public synchronized void attach(long process) throws FcvmException, InterruptedException {
        if (ended || working != null) {
            throw new IllegalStateException("attached before, or closed");
        }
        uplink.attach(process);
        Entrance entrance = uplink.entrance(process);
        HelperPlace helpers = helpers(process, entrance);
        Optional<HelperProcess> gate = gate(helpers);
        working = new Working(entrance, gate, PortServer.open(place.sockets(), this));
        if (gate.isPresent()) {
            gate.get().run();
        }
        if (membership.isPresent()) {
            membership.get().attach(socket(helpers));
        }
        record.change(NetworkState::working);
    }

    void writeDown() throws FcvmException {
        record.change(
                _ -> NetworkState.prepared(uplink.published(), uplink.address(), membership.map(Membership::address)));
    }

    private synchronized void goOn(long process, NetworkState state) throws FcvmException, InterruptedException {
        Entrance entrance = uplink.entrance(process);
        HelperPlace helpers = helpers(process, entrance);
        Optional<HelperProcess> gate = gate(helpers);
        entrance.change(NamespaceRules.publishingAlone(uplink.published()));
        if (gate.isPresent()) {
            gate.get().adopt(state.helper(DNSMASQ));
        }
        if (membership.isPresent()) {
            membership.get().adopt(socket(helpers), state.helper(Membership.PLUG));
        }
        working = new Working(entrance, gate, PortServer.open(place.sockets(), this));
    }

    private HelperPlace helpers(long process, Entrance entrance) {
        return new HelperPlace.OfMachine(place.machine(), process, entrance.user(), users.number());
    }

    private Optional<HelperProcess> gate(HelperPlace helpers) {
        if (!NameGate.isNeededBy(request)) {
            return Optional.empty();
        }
        HelperLog log = new HelperLog(place.directory().resolve(DNSMASQ + ".log"));
        return Optional.of(new HelperProcess(
                place.machine(),
                DNSMASQ,
                new HelperProcess.Loss("the machine's name server", ""),
                () -> NameGate.start(
                        place.machine(), helpers, request.egress(), servers(), membership.map(Membership::names), log),
                process -> record.change(state -> state.with(DNSMASQ, process)),
                warnings));
    }

    private Membership.Socket socket(HelperPlace helpers) {
        return new Membership.Socket(
                helpers,
                users.range(),
                place.directory(),
                process -> record.change(state -> state.with(Membership.PLUG, process)),
                warnings);
    }

    /**
     * Publishes all of these or none.
     *
     * @return the same in the same order, with the host's side settled; one without an address may be two, by IPv4 and
     *     by IPv6
     * @throws FcvmException when a port of the host is taken, which names it and its holder where that can be known; or the
     *     machine is about to end
     */
    public synchronized List<PublishedPort> publish(List<PublishedPort> wanted)
            throws FcvmException, InterruptedException {
        Entrance entrance = working().entrance();
        PublishedPorts.refuseTaken(uplink.published(), wanted);
        List<PublishedPort> settled = uplink.publish(wanted);
        boolean done = false;
        try {
            entrance.change(settled.stream().map(NamespaceRules::publishing).collect(Collectors.joining()));
            record.change(state -> state.with(uplink.published()));
            done = true;
            return settled;
        } finally {
            if (!done) {
                for (PublishedPort port : settled) {
                    Uninterrupted.run(() -> uplink.unpublish(port));
                }
            }
        }
    }

    /** Takes these back; connections that are open may go on. One that is not published stays so. */
    public synchronized void unpublish(List<PublishedPort> ports) throws FcvmException, InterruptedException {
        Entrance entrance = working().entrance();
        List<PublishedPort> left = new ArrayList<>(uplink.published());
        left.removeAll(ports);
        // First: what is not written down is closed by whoever adopts the machine, if we come no further.
        record.change(state -> state.with(left));
        boolean done = false;
        try {
            for (PublishedPort port : ports) {
                uplink.unpublish(port);
            }
            entrance.change(NamespaceRules.publishingAlone(left));
            done = true;
        } finally {
            if (!done) {
                record.change(state -> state.with(uplink.published()));
            }
        }
    }

    private Working working() throws FcvmException {
        if (ended || working == null) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "cannot change the published ports of machine %s: it %s"
                            .formatted(place.machine().brief(), ended ? "is about to end" : "is not ready yet"));
        }
        return working;
    }

    /** Closes the published ports for a while; they stay the machine's. */
    public synchronized void silence() throws FcvmException, InterruptedException {
        working();
        uplink.silence();
    }

    /** Opens them again; see {@link Uplink#speak}. */
    public synchronized void speak(Optional<PortReservation> waiting) throws FcvmException, InterruptedException {
        uplink.speak(waiting);
    }

    /** Returns what was done that whoever owns the host may want to know, a line each. */
    public List<String> notes() {
        return uplink.notes();
    }

    /** Says that the machine is about to end: its ports do not change any more. */
    public synchronized void part() {
        ended = true;
        uplink.part();
        membership.ifPresent(Membership::part);
        Optional.ofNullable(working).flatMap(Working::gate).ifPresent(HelperProcess::part);
    }

    /**
     * Leaves everything as it is, in nobody's hands: {@link #adopt} takes it over. {@link #close} does nothing afterwards.
     */
    public synchronized void letGo() {
        ended = true;
        Optional.ofNullable(working).ifPresent(now -> {
            now.server().close();
            now.gate().ifPresent(HelperProcess::letGo);
        });
        working = null;
        membership.ifPresent(Membership::letGo);
        uplink.letGo();
    }

    private List<InetAddress> servers() {
        return request.names().servers().isEmpty()
                ? uplink.resolvers()
                : request.names().servers();
    }

    /**
     * Takes everything back. Idempotent.
     *
     * @throws FcvmException when something could not be taken back; it stays in the machine's journal, for another try
     */
    @Override
    public synchronized void close() throws FcvmException {
        ended = true;
        Working last = working;
        working = null;
        try (users;
                uplink) {
            if (last != null) {
                last.server().close();
                last.gate().ifPresent(HelperProcess::close);
            }
            if (membership.isPresent()) {
                membership.get().close();
            }
        }
    }
}
