package dev.fcvm.cli.group;

import dev.fcvm.cli.image.ImageStores;
import dev.fcvm.cli.image.ImageUsers;
import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.Consent;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fcvm system prune}. */
@Command(
        name = "prune",
        header = "Remove all machines that do not run, and images that nobody uses.",
        description =
                "Prints the id of each. Volumes, networks, snapshots and suspended machines stay: fcvm volume prune"
                        + " and fcvm snapshot prune are for them.")
public final class SystemPruneCommand extends MachineCommand {

    @Option(
            names = {"-a", "--all"},
            description = "Remove images with a name as well, unless a machine uses them.")
    boolean all;

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask.")
    boolean force;

    @Option(names = "--volumes", description = "Refused: see fcvm volume prune.")
    boolean volumes;

    @Option(
            names = "--filter",
            paramLabel = "KEY=VALUE",
            description = "Only those machines: until=TIME, label=NAME[=VALUE], label!=NAME[=VALUE]; images stay then.")
    List<String> filters = new ArrayList<>();

    SystemPruneCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (volumes) {
            throw new FcvmException(
                    Kind.USAGE, "--volumes is not for this command: see what would go with fcvm volume prune");
        }
        PruneFilter filter = PruneFilter.parse(filters, context.clock());
        String images = all ? "all images that no machine uses" : "all images without a name";
        if (!force && !Consent.given(context, "This removes all machines that do not run, and " + images + ".")) {
            return 0;
        }
        Settings settings = settings();
        return Interruptible.run(context, () -> {
            int code = new MachinePruning(machines(), filter).run(context);
            if (filters.isEmpty()) {
                ImageStores.open(settings, context)
                        .prune(all, new ImageUsers(settings, context))
                        .forEach(context::print);
            }
            return code;
        });
    }
}
