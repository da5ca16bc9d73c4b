package dev.fcvm.net.port;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.port.PortHolders;
import dev.fcvm.host.port.PortHolders.Finding;
import dev.fcvm.host.port.PortHolders.Holder;
import dev.fcvm.net.flags.PublishedPort;
import java.net.InetAddress;
import java.util.stream.Collectors;

/** Says why a port of the host cannot be had. */
final class PortRefusal {

    private PortRefusal() {}

    /** Returns the refusal of a port that could not be bound, with its holder where that can be known. */
    static FcvmException of(PublishedPort port, InetAddress address, String reason, Exception cause) {
        PortHolders.Table table = switch (port.protocol()) {
            case TCP -> PortHolders.Table.TCP;
            case UDP -> PortHolders.Table.UDP;
        };
        String who = switch (PortHolders.ofHost().find(table, address, port.hostPort())) {
            case Finding.Processes(var holders) ->
                "it is taken by " + holders.stream().map(PortRefusal::told).collect(Collectors.joining(" and "));
            case Finding.OfUser(long uid) -> "it is taken by a program of user " + uid;
            case Finding.Unknown() -> reason + ", by a program that cannot be seen, or another machine";
        };
        return new FcvmException(
                FcvmException.Kind.IN_USE,
                "cannot publish host port " + written(port) + ": " + who + "; take another, or :" + port.guestPort()
                        + " for one that is free",
                cause);
    }

    private static String told(Holder holder) {
        return holder.program() + " (process " + holder.pid()
                + holder.machine()
                        .map(machine -> ", machine " + machine.brief())
                        .orElse("") + ")";
    }

    /** Returns the host's side of a port with its protocol. */
    static String written(PublishedPort port) {
        return port.hostSide() + "/" + port.protocol().word();
    }
}
