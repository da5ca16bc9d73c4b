package dev.fcvm.cli.group;

import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm container exists}. */
@Command(
        name = "exists",
        header = "Tell by the exit code whether there is a machine.",
        description = "Exits with 0 when there is, and with 1 when there is not.")
public final class ContainerExistsCommand extends MachineCommand {

    @Parameters(paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    ContainerExistsCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException {
        return machines().named(reference).isPresent() ? 0 : 1;
    }
}
