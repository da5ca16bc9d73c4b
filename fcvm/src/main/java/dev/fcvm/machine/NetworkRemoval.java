package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.named.NamedNetworks;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Removes networks that join machines. */
public final class NetworkRemoval {

    /** How many machines a message names. */
    private static final int SHOWN = 3;

    /** How often machines are ended that have joined meanwhile. */
    private static final int ATTEMPTS = 3;

    private final MachineStore store;
    private final NamedNetworks networks;
    private final Clock clock;
    private final Consumer<FcvmException> warnings;

    /**
     * Makes one for the networks of whose the machines are.
     *
     * @param warnings is told what keeps a machine that was killed from being cleared away
     */
    public NetworkRemoval(MachineStore store, Clock clock, Consumer<FcvmException> warnings) {
        this.store = store;
        this.networks = new NamedNetworks(store.directories());
        this.clock = clock;
        this.warnings = warnings;
    }

    /**
     * Removes a network no machine is in, or, by force, ends its machines first.
     *
     * @param reference its name, its id or the beginning of its id
     * @throws FcvmException when there is no such network, or machines are in it and no force is used
     */
    public void remove(String reference, boolean force) throws FcvmException, InterruptedException {
        new Sweep(store, clock).run(warnings);
        List<String> machines = networks.remove(reference);
        if (force) {
            // New ones may have joined meanwhile; whoever makes them faster than they end wins.
            for (int attempt = 0; attempt < ATTEMPTS && !machines.isEmpty(); attempt++) {
                for (String machine : machines) {
                    end(machine);
                }
                machines = networks.remove(reference);
            }
        }
        if (!machines.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.IN_USE,
                    "cannot remove the network %s: machines are in it (%s); end them, or remove them with it: fcvm network rm -f %s"
                            .formatted(reference, brief(machines), reference));
        }
    }

    private static String brief(List<String> machines) {
        return machines.stream().limit(SHOWN).map(id -> id.substring(0, 12)).collect(Collectors.joining(", "))
                + (machines.size() > SHOWN ? " and " + (machines.size() - SHOWN) + " more" : "");
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
