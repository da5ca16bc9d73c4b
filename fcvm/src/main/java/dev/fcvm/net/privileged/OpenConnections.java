package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel remembers of who talks to a machine. It goes by that, not by the published ports, for as long as
 * packets keep coming: whoever goes on sending UDP from one port would never reach the next machine that publishes the
 * port. Needs the program conntrack; without it the kernel forgets once there has been silence for 30 seconds (120 after
 * answers).
 */
final class OpenConnections {

    private static final Tool CONNTRACK = Tool.named("conntrack", "conntrack");

    private OpenConnections() {}

    /** Forgets what led by a published port to a machine that is gone. */
    static void forget(MachineAddresses machine) throws FcvmException, InterruptedException {
        delete(machine.v4(), List.of("--reply-src", machine.v4().getHostAddress()));
        if (machine.v6().isPresent()) {
            delete(
                    machine.v6().get(),
                    List.of("--reply-src", Addresses.text(machine.v6().get())));
        }
    }

    /** Forgets what led by this port, if it is one of UDP; a connection of TCP may go on, and ends. */
    static void forget(PublishedPort port, InetAddress machine) throws FcvmException, InterruptedException {
        if (port.protocol() == Protocol.UDP) {
            delete(
                    machine,
                    List.of(
                            "--reply-src",
                            Addresses.text(machine),
                            "--proto",
                            port.protocol().word(),
                            "--orig-port-dst",
                            Integer.toString(port.hostPort())));
        }
    }

    /**
     * Forgets who has called a port of UDP that nobody had, now that it leads to a machine: whether a call is translated is
     * decided by its first packet.
     */
    static void forgetCallers(PublishedPort port) throws FcvmException, InterruptedException {
        if (port.protocol() == Protocol.UDP) {
            delete(
                    port.address().orElseThrow(),
                    List.of("--proto", port.protocol().word(), "--orig-port-dst", Integer.toString(port.hostPort())));
        }
    }

    private static void delete(InetAddress ofFamily, List<String> which) throws FcvmException, InterruptedException {
        if (CONNTRACK.find().isPresent()) {
            List<String> arguments =
                    new ArrayList<>(List.of("-D", "--family", ofFamily instanceof Inet4Address ? "ipv4" : "ipv6"));
            arguments.addAll(which);
            // It ends with 1 when there was none. Its failure leaves what would be without it.
            CONNTRACK.with(arguments).run();
        }
    }
}
