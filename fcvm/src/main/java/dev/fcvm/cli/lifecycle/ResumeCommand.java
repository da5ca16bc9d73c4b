package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.store.MachineState;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm resume}. */
@Command(
        name = "resume",
        header = "Let machines go on that were suspended.",
        description = "With the ports, the address and the name they had; the clock is set. fcvm start does the same.")
public final class ResumeCommand extends MachineCommand {

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public ResumeCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        var starting = new Starting(context, open, settings());
        return each(references, machine -> {
            requireSuspended(machine);
            starting.start(machine);
        });
    }

    private static void requireSuspended(Machine machine) throws FcvmException {
        if (!(machine.stored().state() instanceof MachineState.Suspended)) {
            throw new FcvmException(Kind.IN_USE, "machine " + machine.name() + " is not suspended; see fcvm ps -a");
        }
    }
}
