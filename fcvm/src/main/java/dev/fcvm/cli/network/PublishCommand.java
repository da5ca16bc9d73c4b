package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.LivePorts;
import dev.fcvm.net.flags.PublishedPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm publish}. */
@Command(
        name = "publish",
        header = "Publish ports of a machine that runs.",
        description = "Publishes all of them or none, and prints each as fcvm port does.")
public final class PublishCommand implements Callable<Integer> {

    private final CommandContext context;
    private final LivePorts ports;

    @Parameters(paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String machine = "";

    @Option(
            names = {"-p", "--publish"},
            required = true,
            paramLabel = "[IP:][HOST]:GUEST[/PROTOCOL]",
            description = "What fcvm run takes; several times for several.")
    List<String> publish = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public PublishCommand(CommandContext context, LivePorts ports) {
        this.context = context;
        this.ports = ports;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        ports.publish(machine, PublishedPorts.parse(publish)).forEach(port -> context.print(port.toString()));
        return 0;
    }
}
