package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The network of one machine: its uplink, what may pass, and what the guest is told of it. */
public final class JoinedNetwork implements AutoCloseable {

    private final MachineId machine;
    private final NetworkRequest request;
    private final Uplink uplink;
    private @Nullable Process gate;

    /**
     * Takes an uplink over; it is closed with this.
     *
     * @param machine the machine, by which processes are tagged
     */
    public JoinedNetwork(MachineId machine, NetworkRequest request, Uplink uplink) {
        this.machine = machine;
        this.request = request;
        this.uplink = uplink;
    }

    /**
     * Checks, before anything is made for a machine, that it could have this network.
     *
     * @throws FcvmException when a tool is missing
     */
    public static void check(NetworkRequest request) throws FcvmException {
        NameGate.check(request.egress());
    }

    /** Returns what is done in the machine's namespace beside making the tap, for {@code ip -batch}. */
    public String links() {
        String ipv6 = request.ipv6()
                ? "address add %s/%d dev %s nodad\n".formatted(Inside.GATEWAY6, Inside.PREFIX6, Inside.TAP)
                : "";
        return ipv6 + "link set dev lo up\n";
    }

    /** Returns what may pass there, for {@code nft -f}. */
    public String rules() {
        return NamespaceRules.of(uplink.published(), request.egress(), servers(), request.ipv6(), uplink.closed());
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
        boolean own = names.servers().isEmpty() || NameGate.isNeededBy(request.egress());
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
     */
    public void attach(long process) throws FcvmException, InterruptedException {
        uplink.attach(process);
        if (NameGate.isNeededBy(request.egress())) {
            gate = NameGate.start(machine, uplink.entrance(process).words(), request.egress(), servers());
        }
    }

    /** Returns what was done that whoever owns the host may want to know, a line each. */
    public List<String> notes() {
        return uplink.notes();
    }

    /** Says that the machine is about to end. */
    public void part() {
        uplink.part();
    }

    private List<InetAddress> servers() {
        return request.names().servers().isEmpty()
                ? uplink.resolvers()
                : request.names().servers();
    }

    @Override
    public void close() {
        Optional.ofNullable(gate).ifPresent(Process::destroyForcibly);
        uplink.close();
    }
}
