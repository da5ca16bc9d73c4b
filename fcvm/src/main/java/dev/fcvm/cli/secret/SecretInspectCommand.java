package dev.fcvm.cli.secret;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.secret.SecretStore;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm secret inspect}. */
@Command(
        name = "inspect",
        header = "Show what is known of secrets, as JSON.",
        description = "Never shows a secret itself. Prints an array of those that are there, also when one is not.")
public final class SecretInspectCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(arity = "1..*", paramLabel = "SECRET", description = "Its name or id.")
    List<String> secrets = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    SecretInspectCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        SecretStore store = SecretCommand.store(context);
        List<SecretView> found = new ArrayList<>();
        int code = EachName.of(context).run(secrets, secret -> found.add(SecretView.of(store.find(secret))));
        context.print(Jsonb.instance()
                .<List<SecretView>>type(Types.listOf(SecretView.class))
                .toJson(found));
        return code;
    }
}
