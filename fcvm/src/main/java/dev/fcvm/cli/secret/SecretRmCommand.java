package dev.fcvm.cli.secret;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.volume.secret.SecretRecord;
import dev.fcvm.volume.secret.SecretStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm secret rm}. */
@Command(
        name = "rm",
        header = "Remove secrets.",
        description =
                "Prints the id of each. A machine that runs keeps what it was handed; one that is started later is"
                        + " refused.")
public final class SecretRmCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-a", "--all"},
            description = "Remove all.")
    boolean all;

    @Option(
            names = {"-i", "--ignore"},
            description = "Be content when there is no such secret.")
    boolean ignore;

    @Parameters(arity = "0..*", paramLabel = "SECRET", description = "Its name or id.")
    List<String> secrets = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    SecretRmCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (all != secrets.isEmpty()) {
            throw new FcvmException(Kind.USAGE, "secret rm: name secrets, or say --all; one of the two");
        }
        SecretStore store = SecretCommand.store(context);
        List<String> going = all ? store.list().stream().map(SecretRecord::id).toList() : secrets;
        return EachName.of(context)
                .forgiving(ignore)
                .run(going, secret -> context.print(store.remove(secret).id()));
    }
}
