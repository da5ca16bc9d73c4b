package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.NamedNetworks;
import java.time.Clock;
import java.util.List;

/** Removes networks that join machines. */
public final class NetworkRemoval {

    private final MachineStore store;
    private final NamedNetworks networks;
    private final Clock clock;

    /** Makes one for the networks of whose the machines are. */
    public NetworkRemoval(MachineStore store, Clock clock) {
        this.store = store;
        this.networks = new NamedNetworks(store.directories());
        this.clock = clock;
    }

    /**
     * Removes a network no machine is in, or, by force, ends its machines first.
     *
     * @param reference its name, its id or the beginning of its id
     * @throws FcvmException when there is no such network, or machines are in it and no force is used
     */
    public void remove(String reference, boolean force) throws FcvmException, InterruptedException {
        new Sweep(store, clock).run();
        List<String> machines = networks.remove(reference);
        if (force) {
            // New ones may have joined meanwhile; whoever makes them faster than they end wins.
            for (int attempt = 0; attempt < 3 && !machines.isEmpty(); attempt++) {
                for (String machine : machines) {
                    end(machine);
                }
                machines = networks.remove(reference);
            }
        }
        if (!machines.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.IN_USE,
                    "%d of the user's machines are in the network %s, the first is %s: end them, or remove them with it: fcvm network rm -f %s"
                            .formatted(
                                    machines.size(),
                                    reference,
                                    machines.getFirst().substring(0, 12),
                                    reference));
        }
    }

    private void end(String machine) throws FcvmException, InterruptedException {
        try {
            new Removal(store).remove(store.find(machine), true);
        } catch (FcvmException failure) {
            if (failure.kind() != FcvmException.Kind.NOT_FOUND) {
                throw failure;
            }
        }
    }
}
