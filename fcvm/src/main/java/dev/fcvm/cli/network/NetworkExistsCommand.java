package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.net.named.NamedNetworks;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm network exists}. */
@Command(
        name = "exists",
        header = "Tell by the exit code whether there is a network.",
        description = "Exits with 0 when there is, and with 1 when there is not.")
public final class NetworkExistsCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "NETWORK", description = "Its name, its id or the beginning of its id.")
    String network = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    NetworkExistsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        try {
            new NamedNetworks(new SettingsFlags().settings(context).directories()).inspect(network);
            return 0;
        } catch (FcvmException none) {
            if (none.kind() != Kind.NOT_FOUND) {
                throw none;
            }
            return 1;
        }
    }
}
