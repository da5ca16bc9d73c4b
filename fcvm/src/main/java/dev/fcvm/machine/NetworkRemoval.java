package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.named.NamedNetworks;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Removes networks that join machines. */
public final class NetworkRemoval {

    /** How many machines a message names. */
    private static final int SHOWN = 3;

    /** How often machines are ended that have joined meanwhile. */
    private static final int ATTEMPTS = 3;

    private final Machines machines;
    private final NamedNetworks networks;
    private final Consumer<String> warnings;

    /**
     * Makes one for the networks of whose the machines are.
     *
     * @param warnings is told what keeps a machine that was killed from being cleared away, and what of a machine that is
     *     removed could not be given back, a line each
     */
    public NetworkRemoval(Machines machines, Consumer<String> warnings) {
        this.machines = machines;
        this.networks = new NamedNetworks(machines.world().store().directories());
        this.warnings = warnings;
    }

    /**
     * Removes a network no machine is in, or, by force, ends its machines first.
     *
     * @param reference its name, its id or the beginning of its id
     * @throws FcvmException when there is no such network, or machines are in it and no force is used
     */
    public void remove(String reference, boolean force) throws FcvmException, InterruptedException {
        machines.sweep(failure -> warnings.accept(String.valueOf(failure.getMessage())));
        List<String> members = networks.remove(reference);
        if (force) {
            // New ones may have joined meanwhile; whoever makes them faster than they end wins.
            for (int attempt = 0; attempt < ATTEMPTS && !members.isEmpty(); attempt++) {
                for (String machine : members) {
                    end(machine);
                }
                members = networks.remove(reference);
            }
        }
        if (!members.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.IN_USE,
                    "cannot remove the network %s: machines are in it (%s); end them, or remove them with it: fcvm network rm -f %s"
                            .formatted(reference, brief(members), reference));
        }
    }

    private static String brief(List<String> machines) {
        return machines.stream().limit(SHOWN).map(id -> id.substring(0, 12)).collect(Collectors.joining(", "))
                + (machines.size() > SHOWN ? " and " + (machines.size() - SHOWN) + " more" : "");
    }

    private void end(String machine) throws FcvmException, InterruptedException {
        try {
            machines.find(machine).remove(true).forEach(warnings);
        } catch (FcvmException failure) {
            if (failure.kind() != FcvmException.Kind.NOT_FOUND) {
                throw failure;
            }
        }
    }
}
