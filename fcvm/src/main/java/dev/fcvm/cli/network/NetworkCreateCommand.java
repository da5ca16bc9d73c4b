package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.settings.Settings;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm network create}. */
@Command(name = "create", header = "Make a network that joins machines.", description = "Prints its name.")
public final class NetworkCreateCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = "--subnet",
            paramLabel = "CIDR",
            description = "The IPv4 addresses of its machines, such as 10.90.0.0/24. Default: 256 that nothing uses.")
    @Nullable String subnet;

    @Parameters(
            paramLabel = "NAME",
            description = "Letters, digits, and not at the beginning _, . and -; none of the user's networks has it.")
    String name = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    NetworkCreateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        new NamedNetworks(settings.directories())
                .create(name, Optional.ofNullable(subnet), settings.networkPool(), context.clock());
        context.print(name);
        return 0;
    }
}
