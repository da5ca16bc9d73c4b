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

/** {@code fcvm stop}. */
@Command(
        name = "stop",
        header = "End the containers of machines, and the machines with them.",
        description =
                "The container is sent the signal its image names, SIGTERM if it names none, and SIGKILL when it"
                        + " has not ended after some time. The machine's disk, ports, address and name are kept for fcvm start.")
public final class StopCommand extends MachineCommand {

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "How long the container may take; 0 kills it at once. Default: as it was created with"
                    + " (--stop-timeout), or 10.")
    @Nullable Integer seconds;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public StopCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Optional<Duration> grace = grace(seconds);
        return each(references, machine -> machine.stop(grace));
    }

    /** Returns how long a container may take. */
    static Optional<Duration> grace(@Nullable Integer seconds) throws FcvmException {
        if (seconds != null && seconds < 0) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--time is " + seconds + "; give 0 or more seconds");
        }
        return Optional.ofNullable(seconds).map(Duration::ofSeconds);
    }
}
