package dev.fcvm.cli;

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
    static CommandLine in(Surroundings surroundings) {
        return new CommandLine(new NetworkCommand())
                .addSubcommand("ls", new NetworkLsCommand(surroundings), "list")
                .addSubcommand("create", new NetworkCreateCommand(surroundings))
                .addSubcommand("rm", new NetworkRmCommand(surroundings), "remove")
                .addSubcommand("inspect", new NetworkInspectCommand(surroundings));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
