package dev.fcvm.cli.secret;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.volume.secret.SecretContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm secret create}. */
@Command(name = "create", header = "Keep a secret.", description = "Prints its id. It holds 1 to 511,999 bytes.")
public final class SecretCreateCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            description = "Label it.")
    List<String> labels = new ArrayList<>();

    @Option(
            names = {"-d", "--driver"},
            paramLabel = "file",
            description = "How it is kept: there is one way, a file.")
    String driver = "file";

    @Option(names = "--env", description = "FILE is the name of a variable of your environment that holds it.")
    boolean variable;

    @Option(names = "--replace", description = "Take the place of one of this name.")
    boolean replace;

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    String name = "";

    @Parameters(index = "1", paramLabel = "FILE|-", description = "The file that holds it; - for standard input.")
    String source = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    SecretCreateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (!driver.equals("file")) {
            throw new FcvmException(Kind.USAGE, "--driver is \"" + driver + "\"; there is only: file");
        }
        context.print(SecretCommand.store(context)
                .create(name, content(), labels, replace)
                .id());
        return 0;
    }

    private byte[] content() throws FcvmException {
        if (variable) {
            return Optional.ofNullable(context.environment().get(source))
                    .map(value -> value.getBytes(StandardCharsets.UTF_8))
                    .orElseThrow(() -> new FcvmException(
                            Kind.USAGE,
                            "cannot create secret " + name + ": environment variable " + source + " is not set"));
        }
        try (InputStream in = source.equals("-")
                ? Channels.newInputStream(context.input())
                : Files.newInputStream(context.path(source))) {
            return SecretContent.read(in);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.USAGE, "cannot read the secret from " + source + ": " + IoReason.of(failure), failure);
        }
    }
}
