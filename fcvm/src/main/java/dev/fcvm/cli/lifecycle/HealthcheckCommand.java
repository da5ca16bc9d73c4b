package dev.fcvm.cli.lifecycle;

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

/** {@code fcvm healthcheck}: the health of containers, under Podman's names. */
@Command(name = "healthcheck", header = "Check the health of a container.")
public final class HealthcheckCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private HealthcheckCommand() {}

    /** Makes the command with its subcommand. */
    public static CommandLine in(CommandContext context, OpenMachines machines) {
        return new CommandLine(new HealthcheckCommand())
                .addSubcommand("run", new HealthcheckRunCommand(context, machines));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
