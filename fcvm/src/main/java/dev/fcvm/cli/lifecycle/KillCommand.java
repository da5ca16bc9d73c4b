package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.SignalNames;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm kill}. */
@Command(
        name = "kill",
        header = "Send the containers of machines a signal.",
        description = "SIGKILL, unless another is named. A machine ends with its container.")
public final class KillCommand extends MachineCommand {

    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            description = "A signal by name or number, such as TERM or 15. Default: KILL.")
    String signal = "KILL";

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public KillCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        int number = SignalNames.number(signal);
        return each(references, machine -> machine.kill(number));
    }
}
