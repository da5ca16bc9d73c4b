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

/** {@code fcvm system}: all that fcvm has on this host. */
@Command(name = "system", header = "Show and clear away what fcvm has on this host.")
public final class SystemCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private SystemCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context, OpenMachines machines) {
        CommandLine line = new CommandLine(new SystemCommand())
                .addSubcommand("df", new SystemDfCommand(context, machines))
                .addSubcommand("prune", new SystemPruneCommand(context, machines));
        line.getCommandSpec()
                .usageMessage()
                .footer("", "Also, as fcvm's own commands: " + String.join(", ", LongerNames.of("system")) + ".");
        return line;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
