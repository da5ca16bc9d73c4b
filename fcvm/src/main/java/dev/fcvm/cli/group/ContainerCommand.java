package dev.fcvm.cli.group;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm container}: the commands for machines by Podman's longer names, and those that have no shorter one. */
@Command(name = "container", header = "Manage containers, each in a machine of its own.")
public final class ContainerCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private ContainerCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context, OpenMachines machines) {
        CommandLine line = new CommandLine(new ContainerCommand())
                .addSubcommand("exists", new ContainerExistsCommand(context, machines))
                .addSubcommand("prune", new ContainerPruneCommand(context, machines));
        line.getCommandSpec()
                .usageMessage()
                .footer("", "Also, as fcvm's own commands: " + String.join(", ", LongerNames.of("container")) + ".");
        return line;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
