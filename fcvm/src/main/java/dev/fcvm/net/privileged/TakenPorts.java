package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.PublishedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Ports of the host that lead to a machine already, by the host's own table. */
public final class TakenPorts {

    private static final InetAddress ALL4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ALL6 = InetAddress.ofLiteral("::");

    private TakenPorts() {}

    /**
     * Says which of these ports another machine has, where that is why they cannot be held: the kernel tells nobody who
     * holds a port without listening.
     *
     * @param wanted as the user named them
     */
    public static Optional<FcvmException> find(List<PublishedPort> wanted, HostNetwork host)
            throws FcvmException, InterruptedException {
        HostTable table = new HostTable(host.template());
        for (PublishedPort port : wanted) {
            List<InetAddress> addresses = port.address().map(List::of).orElse(List.of(ALL4, ALL6));
            for (InetAddress address : port.hostPort() == 0 ? List.<InetAddress>of() : addresses) {
                PublishedPort settled = port.on(address, port.hostPort());
                if (holder(settled, table).isPresent()) {
                    return Optional.of(refusal(settled, table, host));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<InetAddress> holder(PublishedPort port, HostTable table)
            throws FcvmException, InterruptedException {
        // The key alone counts.
        return table.destination(HostTable.Element.of(port, ALL4));
    }

    /** Returns the refusal of a port that is settled, and that the table leads elsewhere. */
    static FcvmException refusal(PublishedPort port, HostTable table, HostNetwork host)
            throws FcvmException, InterruptedException {
        String holder = "";
        Optional<InetAddress> leadsTo = holder(port, table);
        if (leadsTo.isPresent()) {
            String there = " by the machine at " + Addresses.text(leadsTo.get());
            try {
                holder = new NetworkClaims(host.claims())
                        .owner(MachineNetwork.of(leadsTo.get()))
                        .map(owner -> " by the machine " + new MachineId(String.valueOf(owner.getFileName())).brief())
                        .orElse(there);
            } catch (IOException | IllegalArgumentException e) {
                holder = there;
            }
        }
        return new FcvmException(
                Kind.IN_USE,
                "cannot publish %s: %s port %d of the host is published already%s; choose another port"
                        .formatted(port, port.protocol().word(), port.hostPort(), holder));
    }
}
