package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.LivePorts;
import dev.fcvm.net.flags.PortQuery;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm unpublish}. */
@Command(
        name = "unpublish",
        header = "Take back ports that a machine has published.",
        description = "Takes back all of them or none, and prints each. Connections that are open may go on.")
public final class UnpublishCommand implements Callable<Integer> {

    private final CommandContext context;
    private final LivePorts ports;

    @Parameters(paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String machine = "";

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[IP:][HOST]:GUEST[/PROTOCOL]",
            description = "What was published; without IP or HOST, on any.")
    List<String> publish = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            description = "Take back all of them.")
    boolean all;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public UnpublishCommand(CommandContext context, LivePorts ports) {
        this.context = context;
        this.ports = ports;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (all != publish.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "say which ports to take back: either by -p, or all of them by --all");
        }
        List<PublishedPort> wanted = PublishedPorts.parse(publish);
        List<PublishedPort> published = ports.list(machine);
        List<PublishedPort> found = all ? published : PortQuery.matching(published, wanted);
        if (!found.isEmpty()) {
            ports.unpublish(machine, found);
        }
        found.forEach(port -> context.print(port.toString()));
        return 0;
    }
}
