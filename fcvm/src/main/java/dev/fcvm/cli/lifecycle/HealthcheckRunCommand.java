package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ready.HealthVerdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm healthcheck run}. */
@Command(
        name = "run",
        header = "Check a container's health now.",
        description = "Ends with 0 when the container is healthy, and with 1 and a word when the check has failed.")
public final class HealthcheckRunCommand extends MachineCommand {

    @Parameters(arity = "1", paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    HealthcheckRunCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        return Interruptible.run(context, () -> {
            HealthVerdict verdict = awake(reference).checkHealth();
            if (verdict.code() != 0) {
                context.print(verdict.word());
            }
            return verdict.code();
        });
    }
}
