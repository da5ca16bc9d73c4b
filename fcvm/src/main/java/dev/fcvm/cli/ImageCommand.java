package dev.fcvm.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm image}: the verbs for images under Podman's second names, and prune. */
@Command(name = "image", header = "Manage images.")
public final class ImageCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private ImageCommand() {}

    /** Makes the command with its subcommands. */
    static CommandLine in(Surroundings surroundings) {
        return new CommandLine(new ImageCommand())
                .addSubcommand("ls", new ImagesCommand(surroundings), "list")
                .addSubcommand("pull", new PullCommand(surroundings))
                .addSubcommand("rm", new RmiCommand(surroundings))
                .addSubcommand("prune", new ImagePruneCommand(surroundings));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
