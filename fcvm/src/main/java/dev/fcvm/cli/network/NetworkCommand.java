package dev.fcvm.cli.network;

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

/** {@code fcvm network}: networks that join machines, under Podman's names. */
@Command(
        name = "network",
        header = "Manage networks that join machines.",
        description =
                "Machines of one network (fcvm run --network NAME) reach each other, and find each other by name.")
public final class NetworkCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private NetworkCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context, OpenMachines machines) {
        return new CommandLine(new NetworkCommand())
                .addSubcommand("ls", new NetworkLsCommand(context), "list")
                .addSubcommand("create", new NetworkCreateCommand(context))
                .addSubcommand("rm", new NetworkRmCommand(context, machines), "remove")
                .addSubcommand("inspect", new NetworkInspectCommand(context))
                .addSubcommand("exists", new NetworkExistsCommand(context));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
