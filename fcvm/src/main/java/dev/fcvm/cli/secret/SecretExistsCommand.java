package dev.fcvm.cli.secret;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm secret exists}. */
@Command(
        name = "exists",
        header = "Tell by the exit code whether there is a secret.",
        description = "Exits with 0 when there is, and with 1 when there is not.")
public final class SecretExistsCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "SECRET", description = "Its name or id.")
    String secret = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    SecretExistsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        boolean there = SecretCommand.store(context).list().stream()
                .anyMatch(one -> one.name().equals(secret) || one.id().equals(secret));
        return there ? 0 : 1;
    }
}
