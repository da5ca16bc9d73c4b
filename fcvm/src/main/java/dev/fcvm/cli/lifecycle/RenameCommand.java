package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm rename}. */
@Command(
        name = "rename",
        header = "Give a machine another name.",
        description =
                "Whether it runs or not. Its container keeps its host name, and on a network that joins machines it is"
                        + " found by its new name when it has been started again.")
public final class RenameCommand extends MachineCommand {

    @Parameters(index = "0", paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Its new name.")
    String name = "";

    /** Makes the command. */
    public RenameCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        machines().find(reference).rename(name);
        return 0;
    }
}
