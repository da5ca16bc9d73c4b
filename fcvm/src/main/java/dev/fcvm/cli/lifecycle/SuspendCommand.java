package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm suspend}. */
@Command(
        name = "suspend",
        header = "Save the memory of machines to the disk, and end them until somebody wants them.",
        description =
                "What runs in them goes on from there. Until then they take no memory. fcvm resume, exec and attach"
                        + " wake one, and so does a connection to one of its published ports.")
public final class SuspendCommand extends MachineCommand {

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public SuspendCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = settings();
        return Interruptible.run(context, () -> each(references, machine -> machine.suspend(settings)));
    }
}
