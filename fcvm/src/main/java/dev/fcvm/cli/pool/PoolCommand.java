package dev.fcvm.cli.pool;

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

/** {@code fcvm pool}: machines that are restored and wait for somebody who wants one. */
@Command(
        name = "pool",
        header = "Keep machines ready that only have to go on.",
        description = "fcvm clone --pool takes one. See docs/snapshots.md.")
public final class PoolCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private PoolCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context, OpenMachines machines) {
        return new CommandLine(new PoolCommand())
                .addSubcommand("create", new PoolCreateCommand(context, machines))
                .addSubcommand("ls", new PoolLsCommand(context, machines), "list")
                .addSubcommand("inspect", new PoolInspectCommand(context, machines))
                .addSubcommand("rm", new PoolRmCommand(context, machines), "remove")
                .addSubcommand("exists", new PoolExistsCommand(context));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
