package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.net.named.NetworkView;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm network ls}. */
@Command(
        name = "ls",
        header = "List the networks that join machines.",
        description = "Shows how many machines are in each now.")
public final class NetworkLsCommand implements Callable<Integer> {

    private static final String ROW = "%-14s%-24s%-20s%s";

    private final CommandContext context;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the names only.")
    boolean quiet;

    @Option(names = "--json", description = "Print them as a JSON array.")
    boolean json;

    @Mixin
    CommonFlags common = new CommonFlags();

    NetworkLsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        List<NetworkView> networks = new NamedNetworks(settings.directories()).list();
        if (json) {
            context.printJson(Jsonb.instance()
                    .<List<NetworkView>>type(Types.listOf(NetworkView.class))
                    .toJson(networks));
        } else if (quiet) {
            networks.forEach(network -> context.print(network.name()));
        } else {
            context.print(ROW.formatted("NETWORK ID", "NAME", "SUBNET", "MACHINES"));
            networks.forEach(network -> context.print(ROW.formatted(
                    network.id().substring(0, 12),
                    // A long name moves what follows it, as nothing of it can be left out.
                    network.name() + " ",
                    network.subnet(),
                    network.machines().size())));
        }
        return 0;
    }
}
