package dev.fcvm.cli;

import dev.fcvm.cli.host.Version;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm} itself. */
@Command(
        name = "fcvm",
        header = "Containers in microVMs of their own.",
        description = "Boots a Firecracker or QEMU microVM and runs a Podman container in it.",
        footer = {"", "See 'fcvm COMMAND --help' for a command's flags, and 'fcvm doctor' for what this host can do."})
public final class RootCommand implements Callable<Integer> {

    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    @Option(
            names = {"-v", "--version"},
            description = "Print the version.")
    boolean version;

    RootCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        if (version) {
            context.print(Version.line());
            return 0;
        }
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
