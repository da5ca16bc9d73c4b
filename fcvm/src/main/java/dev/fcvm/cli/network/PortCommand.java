package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.LivePorts;
import dev.fcvm.net.flags.PortQuery;
import dev.fcvm.net.flags.PublishedPort;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm port}. */
@Command(
        name = "port",
        header = "Show by which ports of the host a machine's ports are reached.",
        description = "Prints one a line, as podman port does; of one port of the container only the host's side.")
public final class PortCommand implements Callable<Integer> {

    private final CommandContext context;
    private final LivePorts ports;

    @Parameters(index = "0", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String machine = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PORT[/PROTOCOL]",
            description = "A port of the container, TCP unless it says udp.")
    @Nullable String guest;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public PortCommand(CommandContext context, LivePorts ports) {
        this.context = context;
        this.ports = ports;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        List<PublishedPort> published = ports.list(machine);
        if (guest == null) {
            published.forEach(port -> context.print(port.toString()));
        } else {
            PortQuery.ofGuest(published, guest).forEach(port -> context.print(port.hostSide()));
        }
        return 0;
    }
}
