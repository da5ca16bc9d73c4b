package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.net.JoinedNetwork;
import dev.fcvm.net.NetworkPlace;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.plan.NetworkPlan;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import java.util.List;
import java.util.Optional;

/** The network of a run's machine, which may be none. Closing takes back what it has on the host. */
public final class RunNetwork implements AutoCloseable {

    private final NetworkRequest request;
    private final Optional<JoinedNetwork> network;
    private volatile boolean letGo;

    /** Told before a machine ends. */
    interface Parting extends AutoCloseable {
        @Override
        void close();
    }

    private RunNetwork(NetworkRequest request, Optional<JoinedNetwork> network) {
        this.request = request;
        this.network = network;
    }

    /**
     * Checks, before anything is touched, that a machine could have this network here.
     *
     * @throws FcvmException when something for it is missing
     */
    public static void check(NetworkRequest request, Isolation isolation, Settings settings) throws FcvmException {
        if (request.enabled()) {
            JoinedNetwork.check(request, isolation == Isolation.ROOTLESS, settings);
        }
    }

    /**
     * Claims what the network needs of the host: a port that is taken is refused here.
     *
     * @param names by which other machines are to find this one, if it is joined with any
     * @param waiting its published ports, where callers wait at them already
     */
    public static RunNetwork prepare(
            NetworkRequest request,
            Isolation isolation,
            MachineFiles files,
            Journal journal,
            List<String> names,
            Optional<PortReservation> waiting,
            Settings settings,
            RunListener listener)
            throws FcvmException, InterruptedException {
        if (!request.enabled()) {
            return new RunNetwork(request, Optional.empty());
        }
        NetworkPlace place = place(isolation, files, journal, settings);
        return new RunNetwork(
                request, Optional.of(JoinedNetwork.prepare(place, request, names, waiting, listener::warn)));
    }

    /**
     * Returns what was claimed for this start already, or claims it now.
     *
     * @param hostname one more name by which other machines find this one
     */
    static RunNetwork of(Launch launch, OwnedMachine machine, String hostname, RunListener listener)
            throws FcvmException, InterruptedException {
        return launch.held().isPresent()
                ? launch.held().get()
                : prepare(
                        launch.network(),
                        launch.isolation(),
                        machine.files(),
                        machine.journal(),
                        List.of(machine.name().value(), hostname),
                        Optional.empty(),
                        launch.settings(),
                        listener);
    }

    /**
     * Takes over the network of a machine that runs, and that nobody supervises.
     *
     * @param monitor the monitor's process
     */
    static RunNetwork adopt(
            NetworkRequest request,
            Isolation isolation,
            MachineFiles files,
            Journal journal,
            long monitor,
            Settings settings,
            RunListener listener)
            throws FcvmException, InterruptedException {
        if (!request.enabled()) {
            return new RunNetwork(request, Optional.empty());
        }
        NetworkPlace place = place(isolation, files, journal, settings);
        return new RunNetwork(request, Optional.of(JoinedNetwork.adopt(place, request, monitor, listener::warn)));
    }

    private static NetworkPlace place(Isolation isolation, MachineFiles files, Journal journal, Settings settings) {
        return new NetworkPlace(
                files.id(), files.directory(), files.sockets(), isolation == Isolation.ROOTLESS, settings, journal);
    }

    /** Leaves it, as it is, to another process: closing it takes nothing back any more. */
    void letGo() {
        letGo = true;
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
                                + Addresses.text(entry.address().get()))
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
            network.get().attach(monitor);
            network.get().notes().forEach(listener::warn);
        }
    }

    /** Publishes ports of a machine that is joined already: all of them or none. */
    void publish(List<PublishedPort> ports) throws FcvmException, InterruptedException {
        if (network.isPresent() && !ports.isEmpty()) {
            network.get().publish(ports);
        }
    }

    /** Closes its published ports for a while, in which callers are to wait elsewhere; does nothing without a network. */
    void silence() throws FcvmException, InterruptedException {
        if (network.isPresent()) {
            network.get().silence();
        }
    }

    /** Opens them again. */
    void speak(Optional<PortReservation> waiting) throws FcvmException, InterruptedException {
        if (network.isPresent()) {
            network.get().speak(waiting);
        }
    }

    /** Something whose closing says that the machine is about to end, which is no fault of the network's. */
    Parting parting() {
        return () -> {
            if (!letGo) {
                network.ifPresent(JoinedNetwork::part);
            }
        };
    }

    @Override
    public void close() throws FcvmException {
        if (network.isPresent()) {
            if (letGo) {
                network.get().letGo();
            } else {
                network.get().close();
            }
        }
    }
}
