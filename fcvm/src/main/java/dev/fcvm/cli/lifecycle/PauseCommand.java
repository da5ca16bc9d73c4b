package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm pause}. */
@Command(
        name = "pause",
        header = "Stop the processors of machines.",
        description = "What runs in them stands still until fcvm unpause; their memory stays.")
public final class PauseCommand extends MachineCommand {

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public PauseCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        return each(references, Machine::pause);
    }
}
