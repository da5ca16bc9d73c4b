package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm unpause}. */
@Command(name = "unpause", header = "Let the processors of paused machines go on.")
public final class UnpauseCommand extends MachineCommand {

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public UnpauseCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        return each(references, Machine::unpause);
    }
}
