package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm restart}. */
@Command(
        name = "restart",
        header = "End machines, and start them again.",
        description = "As fcvm stop and fcvm start; one that does not run is started.")
public final class RestartCommand extends MachineCommand {

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "How long the container may take; 0 kills it at once. Default: as it was created with"
                    + " (--stop-timeout), or 10.")
    @Nullable Integer seconds;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public RestartCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Optional<Duration> grace = StopCommand.grace(seconds);
        var starting = new Starting(context, open, settings());
        return each(references, machine -> {
            machine.restarting();
            machine.stop(grace);
            starting.start(machine);
        });
    }
}
