package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
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
    public static CommandLine in(CommandContext context) {
        return new CommandLine(new ImageCommand())
                .addSubcommand("ls", new ImagesCommand(context), "list")
                .addSubcommand("pull", new PullCommand(context))
                .addSubcommand("rm", new RmiCommand(context))
                .addSubcommand("load", new LoadCommand(context))
                .addSubcommand("tag", new TagCommand(context))
                .addSubcommand("untag", new UntagCommand(context))
                .addSubcommand("exists", new ImageExistsCommand(context))
                .addSubcommand("prune", new ImagePruneCommand(context));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
