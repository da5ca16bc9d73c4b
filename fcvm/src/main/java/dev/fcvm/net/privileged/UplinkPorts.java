package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortKeeper;
import dev.fcvm.net.port.PortReservation;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The ports of a machine that runs with a privileged uplink, for another process than its supervisor.
 *
 * @param machine the machine's addresses
 * @param journal where is written down what is done, for whoever takes it back
 * @param table the host's
 * @param sockets where whoever supervises the machine is told of it
 */
public record UplinkPorts(MachineAddresses machine, UplinkJournal journal, HostTable table, Path sockets) {

    /**
     * Finds them; nothing when the machine has no such uplink.
     *
     * @param directory the machine's
     */
    public static Optional<UplinkPorts> of(MachineId machine, Path directory, Path sockets, HostNetwork host)
            throws FcvmException {
        UplinkJournal journal = UplinkJournal.in(directory);
        try {
            return journal.read()
                    .addresses()
                    .map(addresses -> new UplinkPorts(addresses, journal, new HostTable(host.template()), sockets));
        } catch (IOException e) {
            throw UplinkUndo.unreadable(machine, e);
        }
    }

    /** Holds ports that are to lead to it, on all addresses the machine can be reached by unless they have one. */
    public PortReservation hold(List<PublishedPort> wanted) throws FcvmException {
        return machine.v6().isPresent()
                ? PortReservation.holdOnAll(wanted)
                : PortReservation.hold(wanted, InetAddress.ofLiteral("0.0.0.0"));
    }

    /** Returns what leads to the machine. */
    public List<PublishedPort> list() throws FcvmException, InterruptedException {
        return table.published(machine.v4());
    }

    /** Opens a settled port. */
    public void open(PublishedPort port) throws IOException, FcvmException, InterruptedException {
        PortKeeper.hold(sockets, port);
        journal.port(port);
        InetAddress behind = PrivilegedUplink.behind(port, machine);
        if (table.add(List.of(HostTable.Element.of(port, behind))).isPresent()) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "cannot publish %s: that port of the host is published already; choose another port"
                            .formatted(port));
        }
        OpenConnections.forgetCallers(port);
    }

    /** Closes a port; one that is not open stays so. */
    public void close(PublishedPort port) throws FcvmException, InterruptedException {
        Optional<InetAddress> behind = machine.behind(port);
        if (behind.isPresent()) {
            table.remove(List.of(HostTable.Element.of(port, behind.get())));
            OpenConnections.forget(port, behind.get());
        }
        PortKeeper.release(sockets, port);
    }
}
