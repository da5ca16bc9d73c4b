package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The ports of a machine that runs with a privileged uplink, for another process than its supervisor.
 *
 * @param network the machine's addresses
 * @param journal where is written down what is done, for whoever takes it back
 * @param table the host's
 * @param sockets where whoever supervises the machine is told of it
 */
record UplinkPorts(MachineNetwork network, UplinkJournal journal, HostTable table, Path sockets) {

    /** Returns what leads to the machine. */
    List<PublishedPort> list() throws FcvmException, InterruptedException {
        return table.published(network.machine());
    }

    /** Opens a settled port. */
    void open(PublishedPort port) throws IOException, FcvmException, InterruptedException {
        PrivilegedUplink.requireSettled(port);
        PortKeeper.hold(sockets, port);
        journal.port(port);
        if (table.add(List.of(HostTable.Element.of(port, network.machine()))).isPresent()) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "cannot publish %s: that port of the host is published already; choose another port"
                            .formatted(port));
        }
        OpenConnections.forgetCallers(port);
    }

    /** Closes a port; one that is not open stays so. */
    void close(PublishedPort port) throws FcvmException, InterruptedException {
        table.remove(List.of(HostTable.Element.of(port, network.machine())));
        OpenConnections.forget(port, network.machine());
        PortKeeper.release(sockets, port);
    }
}
