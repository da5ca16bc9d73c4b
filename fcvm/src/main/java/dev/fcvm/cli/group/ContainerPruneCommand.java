package dev.fcvm.cli.group;

import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.Consent;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fcvm container prune}. */
@Command(
        name = "prune",
        header = "Remove all machines that do not run.",
        description = "Prints the id of each. Suspended ones stay.")
public final class ContainerPruneCommand extends MachineCommand {

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask.")
    boolean force;

    @Option(
            names = "--filter",
            paramLabel = "KEY=VALUE",
            description = "Only those made before a time (until=10m, until=2026-01-31), or that have a label"
                    + " (label=NAME[=VALUE]) or not (label!=NAME[=VALUE]).")
    List<String> filters = new ArrayList<>();

    ContainerPruneCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        PruneFilter filter = PruneFilter.parse(filters, context.clock());
        if (!force && !Consent.given(context, "This removes all machines that do not run.")) {
            return 0;
        }
        return new MachinePruning(machines(), filter).run(context);
    }
}
