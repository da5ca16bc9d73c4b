package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.net.named.NetworkView;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm network inspect}. */
@Command(
        name = "inspect",
        header = "Show networks that join machines, as JSON.",
        description = "Prints an array of those that are there, also when one is not, as podman network inspect does.")
public final class NetworkInspectCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Its name, its id or the beginning of its id.")
    List<String> networks = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    NetworkInspectCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        var all = new NamedNetworks(settings.directories());
        List<NetworkView> found = new ArrayList<>();
        int code = EachName.of(context).run(networks, reference -> found.add(all.inspect(reference)));
        context.printJson(Jsonb.instance()
                .<List<NetworkView>>type(Types.listOf(NetworkView.class))
                .toJson(found));
        return code;
    }
}
