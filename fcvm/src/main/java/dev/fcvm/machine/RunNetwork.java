package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.TunDevice;
import dev.fcvm.host.UserRange;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.net.HelperUsers;
import dev.fcvm.net.JoinedNetwork;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.named.Membership;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.net.port.PortKeeper;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.privileged.HostNetwork;
import dev.fcvm.net.privileged.PrivilegedUplink;
import dev.fcvm.net.privileged.TakenPorts;
import dev.fcvm.net.rootless.SlirpUplink;
import dev.fcvm.net.uplink.Uplink;
import dev.fcvm.plan.NetworkPlan;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The network of a run's machine, which may be none. Closing takes back what it has on the host. */
final class RunNetwork implements AutoCloseable {

    private final NetworkRequest request;
    private final Optional<JoinedNetwork> network;
    /** Of an uplink without sockets of its own: kept, so that nobody else gets the ports it translates. */
    private final Optional<PortKeeper> keeper;

    /** Told before a machine ends. */
    interface Parting extends AutoCloseable {
        @Override
        void close();
    }

    private RunNetwork(NetworkRequest request, Optional<JoinedNetwork> network, Optional<PortKeeper> keeper) {
        this.request = request;
        this.network = network;
        this.keeper = keeper;
    }

    /**
     * Checks, before anything is touched, that a machine could have this network here.
     *
     * @throws FcvmException when something for it is missing
     */
    static void check(NetworkRequest request, Isolation isolation, Settings settings) throws FcvmException {
        if (request.enabled()) {
            TunDevice.require();
            switch (isolation) {
                case ROOTLESS -> SlirpUplink.check(request);
                case PRIVILEGED -> PrivilegedUplink.check(request);
            }
            JoinedNetwork.check(request);
            if (request.joins().isPresent()) {
                new NamedNetworks(settings.directories()).check(request.joins().get());
            }
        }
    }

    /**
     * Claims what the network needs of the host: a port that is taken is refused here.
     *
     * @param names by which other machines are to find this one, if it is joined with any
     */
    static RunNetwork prepare(
            NetworkRequest request,
            Isolation isolation,
            MachineFiles files,
            Journal journal,
            List<String> names,
            Settings settings,
            RunListener listener)
            throws FcvmException, InterruptedException {
        if (!request.enabled()) {
            return new RunNetwork(request, Optional.empty(), Optional.empty());
        }
        UserRange range = settings.jailerUids().orElse(UserRange.STANDARD);
        Optional<Membership> membership = request.joins().isPresent()
                ? Optional.of(new NamedNetworks(settings.directories())
                        .join(request.joins().get(), files.id(), names, range))
                : Optional.empty();
        HelperUsers users = HelperUsers.none(range);
        boolean prepared = false;
        try {
            if (isolation == Isolation.PRIVILEGED) {
                users = HelperUsers.of(files.id(), request, range, journal);
            }
            RunNetwork network = prepare(request, isolation, files, membership, users, settings, listener);
            prepared = true;
            return network;
        } finally {
            if (!prepared) {
                try (HelperUsers _ = users) {
                    membership.ifPresent(Membership::close);
                }
            }
        }
    }

    private static RunNetwork prepare(
            NetworkRequest request,
            Isolation isolation,
            MachineFiles files,
            Optional<Membership> membership,
            HelperUsers users,
            Settings settings,
            RunListener listener)
            throws FcvmException, InterruptedException {
        return switch (isolation) {
            case ROOTLESS -> {
                Uplink uplink = SlirpUplink.prepare(files.id(), files.sockets(), request, listener::warn);
                yield joined(files, request, uplink, membership, users, Optional.empty());
            }
            case PRIVILEGED -> {
                PortReservation reserved = held(request, hostNetwork(settings));
                PortKeeper keeper = keeping(files.sockets(), reserved);
                boolean claimed = false;
                try {
                    Uplink uplink = PrivilegedUplink.claim(
                            files.id(),
                            files.directory(),
                            settings.networkPool(),
                            Optional.of(settings.networkPool6()).filter(_ -> request.ipv6()),
                            hostNetwork(settings),
                            reserved.ports(),
                            request.names().servers(),
                            request.hostLoopback());
                    claimed = true;
                    yield joined(files, request, uplink, membership, users, Optional.of(keeper));
                } finally {
                    if (!claimed) {
                        keeper.close();
                    }
                }
            }
        };
    }

    private static PortReservation held(NetworkRequest request, HostNetwork host)
            throws FcvmException, InterruptedException {
        try {
            return request.ipv6()
                    ? PortReservation.holdOnAll(request.ports())
                    : PortReservation.hold(request.ports(), InetAddress.ofLiteral("0.0.0.0"));
        } catch (FcvmException refused) {
            throw TakenPorts.find(request.ports(), host).orElse(refused);
        }
    }

    private static PortKeeper keeping(Path sockets, PortReservation reserved) throws FcvmException {
        try {
            return PortKeeper.open(sockets, reserved);
        } catch (FcvmException e) {
            reserved.close();
            throw e;
        }
    }

    private static RunNetwork joined(
            MachineFiles files,
            NetworkRequest request,
            Uplink uplink,
            Optional<Membership> membership,
            HelperUsers users,
            Optional<PortKeeper> keeper) {
        return new RunNetwork(
                request, Optional.of(new JoinedNetwork(files.id(), request, uplink, membership, users)), keeper);
    }

    /** Returns where privileged machines meet. */
    static HostNetwork hostNetwork(Settings settings) {
        return HostNetwork.of(settings.home().orElse(Path.of("/nonexistent")));
    }

    /** Returns what the guest is told of it. */
    Optional<NetworkPlan> plan() {
        return network.map(joined -> new NetworkPlan(joined.mtu(), joined.ipv6(), joined.resolver(), joined.hosts()));
    }

    /** Returns what Podman is to be told: a container without a network has its hosts(5) from it alone. */
    List<String> podmanOptions() {
        return network.isPresent()
                ? List.of()
                : request.names().hosts().stream()
                        .filter(entry -> entry.address().isPresent())
                        .map(entry -> "--add-host=" + entry.name() + ":"
                                + entry.address().get().getHostAddress())
                        .toList();
    }

    /** Returns the machine with it. */
    VmSpec joined(VmSpec machine) {
        return network.map(joined -> machine.with(new VmSpec.Network(joined.mtu(), joined.links(), joined.rules())))
                .orElse(machine);
    }

    /**
     * Joins the machine with the world, while it boots.
     *
     * @param monitor the monitor's process
     */
    void attach(long monitor, RunListener listener) throws FcvmException, InterruptedException {
        if (network.isPresent()) {
            network.get().attach(monitor, listener::warn);
            network.get().notes().forEach(listener::warn);
        }
    }

    /** Something whose closing says that the machine is about to end, which is no fault of the network's. */
    Parting parting() {
        return () -> network.ifPresent(JoinedNetwork::part);
    }

    @Override
    public void close() {
        network.ifPresent(JoinedNetwork::close);
        keeper.ifPresent(PortKeeper::close);
    }
}
