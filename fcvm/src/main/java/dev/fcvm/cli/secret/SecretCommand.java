package dev.fcvm.cli.secret;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.secret.SecretStore;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm secret}: what containers are handed and nobody else is to see, under Podman's names. */
@Command(
        name = "secret",
        header = "Manage secrets.",
        description =
                "A secret is kept in the data directory, in a file for you alone, not encrypted, and reaches a container"
                        + " over the machine's link (fcvm run --secret NAME).")
public final class SecretCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private SecretCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context) {
        return new CommandLine(new SecretCommand())
                .addSubcommand("create", new SecretCreateCommand(context))
                .addSubcommand("ls", new SecretLsCommand(context), "list")
                .addSubcommand("inspect", new SecretInspectCommand(context))
                .addSubcommand("rm", new SecretRmCommand(context), "remove")
                .addSubcommand("exists", new SecretExistsCommand(context));
    }

    /** Returns the user's store. */
    static SecretStore store(CommandContext context) throws FcvmException {
        return SecretStore.of(new SettingsFlags().settings(context), context.clock());
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
