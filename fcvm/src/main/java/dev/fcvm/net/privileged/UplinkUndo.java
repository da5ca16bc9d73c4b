package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.settings.NetworkPool6;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes back what a {@link PrivilegedUplink} has on the host, by its journal. */
public final class UplinkUndo {

    private UplinkUndo() {}

    /**
     * Takes back what a machine had on the host whose owner was killed. Idempotent; does nothing where there was nothing.
     *
     * @param directory the machine's
     */
    public static void sweep(MachineId machine, Path directory, HostNetwork host)
            throws FcvmException, InterruptedException {
        UplinkJournal journal = UplinkJournal.in(directory);
        try {
            Optional<MachineNetwork> network = journal.read().network();
            if (network.isEmpty()) {
                journal.delete();
                return;
            }
        } catch (IOException e) {
            throw unreadable(machine, e);
        }
        NetworkClaims claims = new NetworkClaims(host.claims());
        claims.locked(() -> {
            UplinkJournal.Content done = journal.read();
            MachineNetwork network = done.network().orElseThrow();
            // If it is somebody else's by now, whoever gave it to them has taken everything back.
            if (claims.holder(network).filter(machine.value()::equals).isPresent()) {
                takeBack(network, done, new HostTable(host.template()));
                claims.release(network);
            }
            journal.delete();
            return done;
        });
    }

    /**
     * Returns whether something is still to be taken back.
     *
     * @param directory the machine's
     */
    public static boolean isPending(Path directory) {
        return UplinkJournal.in(directory).exists();
    }

    static void takeBack(MachineNetwork network, UplinkJournal.Content done, HostTable table)
            throws FcvmException, InterruptedException {
        MachineAddresses machine =
                new MachineAddresses(network.machine(), done.network6().map(MachineNetwork6::machine));
        List<HostTable.Element> elements = elements(network, done.network6());
        elements.add(HostTable.Element.calling(network));
        for (PublishedPort port : done.ports()) {
            machine.behind(port).ifPresent(behind -> elements.add(HostTable.Element.of(port, behind)));
        }
        try {
            table.remove(elements);
        } finally {
            new Veth(network, done.network6()).remove();
        }
        if (!done.ports().isEmpty()) {
            OpenConnections.forget(machine);
        }
    }

    /** Does it for whoever had a network and was killed, as far as can be seen without the journal. */
    static void clear(HostTable table, MachineNetwork network, Optional<NetworkPool6> pool6)
            throws FcvmException, InterruptedException {
        table.forget(network.machine());
        table.remove(elements(network, pool6.map(addresses -> MachineNetwork6.of(addresses, network))));
    }

    /** Returns the elements that let a machine's packets pass. */
    static List<HostTable.Element> elements(MachineNetwork network, Optional<MachineNetwork6> ipv6) {
        List<HostTable.Element> elements = new ArrayList<>(HostTable.Element.of(network));
        ipv6.ifPresent(addresses -> elements.addAll(HostTable.Element.of(network, addresses)));
        return elements;
    }

    /** Returns the complaint about a journal. */
    static FcvmException unreadable(MachineId machine, IOException cause) {
        return new FcvmException(
                Kind.HOST,
                "cannot take back the network of machine %s: %s".formatted(machine.brief(), cause.getMessage()),
                cause);
    }
}
