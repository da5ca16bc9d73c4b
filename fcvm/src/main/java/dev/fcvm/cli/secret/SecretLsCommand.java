package dev.fcvm.cli.secret;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.secret.SecretRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm secret ls}. */
@Command(name = "ls", header = "List the secrets.", description = "Prints what podman secret ls prints.")
public final class SecretLsCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the ids only.")
    boolean quiet;

    @Option(
            names = {"-n", "--noheading"},
            description = "Print no headings.")
    boolean bare;

    @Mixin
    CommonFlags common = new CommonFlags();

    SecretLsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        List<SecretRecord> secrets = SecretCommand.store(context).list();
        if (quiet) {
            secrets.forEach(secret -> context.print(secret.id()));
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        if (!bare) {
            rows.add(List.of("ID", "NAME", "DRIVER", "CREATED", "UPDATED"));
        }
        secrets.forEach(secret ->
                rows.add(List.of(secret.id(), secret.name(), "file", age(secret.created()), age(secret.updated()))));
        HumanText.table(rows).forEach(context::print);
        return 0;
    }

    private String age(String when) {
        return HumanText.age(
                Duration.between(Instant.parse(when), context.clock().instant()));
    }
}
