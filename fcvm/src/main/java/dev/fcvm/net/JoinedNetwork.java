package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.named.MemberRules;
import dev.fcvm.net.named.Membership;
import dev.fcvm.net.uplink.Inside;
import dev.fcvm.net.uplink.KeptRunning;
import dev.fcvm.net.uplink.Uplink;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The network of one machine: its uplink, what may pass, and what the guest is told of it. */
public final class JoinedNetwork implements AutoCloseable {

    private final MachineId machine;
    private final NetworkRequest request;
    private final Uplink uplink;
    private final Optional<Membership> membership;
    private final HelperUsers users;
    private @Nullable KeptRunning gate;

    /**
     * Takes an uplink over, and a place in a network that joins machines, and the user of its helpers; they are closed
     * with this.
     *
     * @param machine the machine, by which processes are tagged
     */
    public JoinedNetwork(
            MachineId machine,
            NetworkRequest request,
            Uplink uplink,
            Optional<Membership> membership,
            HelperUsers users) {
        this.machine = machine;
        this.request = request;
        this.uplink = uplink;
        this.membership = membership;
        this.users = users;
    }

    /**
     * Checks, before anything is made for a machine, that it could have this network.
     *
     * @throws FcvmException when a tool is missing
     */
    public static void check(NetworkRequest request) throws FcvmException {
        NameGate.check(request);
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
        return membership.map(place -> place.rules(users.own().orElse(0)));
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
        GuestNames names = request.names();
        List<String> lines = new ArrayList<>();
        // Where its own asks nobody, those that are named may still be allowed, by their addresses.
        boolean gated = request.joins().isPresent() || (!request.egress().open() && NameGate.asks(request.egress()));
        boolean own = names.servers().isEmpty() || gated;
        if (own) {
            lines.add("nameserver " + Inside.GATEWAY);
        } else {
            names.servers().forEach(server -> lines.add("nameserver " + server.getHostAddress()));
        }
        List<String> search = names.search().isEmpty() ? uplink.search() : names.search();
        if (!search.isEmpty() && !search.equals(List.of("."))) {
            lines.add("search " + String.join(" ", search));
        }
        if (!names.options().isEmpty()) {
            lines.add("options " + String.join(" ", names.options()));
        }
        return lines;
    }

    /** Returns the further lines of the guest's hosts(5). */
    public List<String> hosts() {
        List<String> lines = new ArrayList<>();
        for (GuestNames.HostEntry entry : request.names().hosts()) {
            InetAddress address = entry.address().orElse(uplink.host());
            lines.add(address.getHostAddress() + " " + entry.name());
        }
        lines.add(uplink.host().getHostAddress() + " host.containers.internal host.docker.internal");
        return lines;
    }

    /** Returns the ports that are published, with the host's side settled. */
    public List<PublishedPort> published() {
        return uplink.published();
    }

    /**
     * Joins the machine with the world.
     *
     * @param process a process in its namespaces, in which the {@linkplain #rules rules} are in force
     * @param warnings is told in one line when a network is lost later; on a thread of its own
     */
    public void attach(long process, Consumer<String> warnings) throws FcvmException, InterruptedException {
        uplink.attach(process);
        boolean rootless = uplink.entrance(process).user();
        HelperPlace place = new HelperPlace.OfMachine(machine, process, rootless, users.own());
        if (NameGate.isNeededBy(request)) {
            gate = new KeptRunning(
                    "dnsmasq",
                    "the machine's name server",
                    () -> NameGate.start(
                            machine, place, request.egress(), servers(), membership.map(Membership::names)),
                    warnings);
            gate.run();
        }
        if (membership.isPresent()) {
            membership.get().attach(place, users.range(), warnings);
        }
    }

    /** Returns what was done that whoever owns the host may want to know, a line each. */
    public List<String> notes() {
        return uplink.notes();
    }

    /** Says that the machine is about to end. */
    public void part() {
        uplink.part();
        membership.ifPresent(Membership::part);
        Optional.ofNullable(gate).ifPresent(KeptRunning::part);
    }

    private List<InetAddress> servers() {
        return request.names().servers().isEmpty()
                ? uplink.resolvers()
                : request.names().servers();
    }

    @Override
    public void close() {
        try (users;
                uplink) {
            Optional.ofNullable(gate).ifPresent(KeptRunning::close);
            membership.ifPresent(Membership::close);
        }
    }
}
