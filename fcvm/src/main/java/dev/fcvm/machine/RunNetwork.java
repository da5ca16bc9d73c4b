package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.TunDevice;
import dev.fcvm.net.MachineNetwork;
import dev.fcvm.net.NetworkRequest;
import dev.fcvm.net.SlirpUplink;
import dev.fcvm.net.Uplink;
import dev.fcvm.plan.NetworkPlan;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import java.util.Optional;

/** The network of a run's machine, which may be none. Closing takes back what it has on the host. */
final class RunNetwork implements AutoCloseable {

    private final Optional<MachineNetwork> network;

    /** Told before a machine ends. */
    interface Parting extends AutoCloseable {
        @Override
        void close();
    }

    private RunNetwork(Optional<MachineNetwork> network) {
        this.network = network;
    }

    /**
     * Checks, before anything is touched, that a machine could have this network here.
     *
     * @throws FcvmException when something for it is missing
     */
    static void check(NetworkRequest request) throws FcvmException {
        if (request.enabled()) {
            TunDevice.require();
            MachineNetwork.check(request);
        }
    }

    /** Claims what the network needs of the host: a port that is taken is refused here. */
    static RunNetwork prepare(NetworkRequest request, Isolation isolation, MachineFiles files, RunListener listener)
            throws FcvmException, InterruptedException {
        if (!request.enabled()) {
            return new RunNetwork(Optional.empty());
        }
        Uplink uplink = switch (isolation) {
            case ROOTLESS, PRIVILEGED -> SlirpUplink.prepare(files.id(), files.sockets(), request, listener::warn);
        };
        return new RunNetwork(Optional.of(new MachineNetwork(files.id(), request, uplink)));
    }

    /** Returns what the guest is told of it. */
    Optional<NetworkPlan> plan() {
        return network.map(joined -> new NetworkPlan(joined.mtu(), joined.ipv6(), joined.resolver(), joined.hosts()));
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
    void attach(long monitor) throws FcvmException, InterruptedException {
        if (network.isPresent()) {
            network.get().attach(monitor);
        }
    }

    /** Something whose closing says that the machine is about to end, which is no fault of the network's. */
    Parting parting() {
        return () -> network.ifPresent(MachineNetwork::part);
    }

    @Override
    public void close() {
        network.ifPresent(MachineNetwork::close);
    }
}
