package dev.fcvm.cli;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.ForegroundRun.Origin;
import dev.fcvm.machine.Stdio;
import java.util.Optional;

/** A machine that goes on when the command that starts it has ended: prints its id when its container runs. */
final class BackgroundRun {

    private final CommandContext context;
    private final ForegroundRun run;

    BackgroundRun(CommandContext context, ForegroundRun run) {
        this.context = context;
        this.run = run;
    }

    int execute(Origin origin) throws FcvmException {
        // What Podman says about a container that cannot be run is for the user; what the container says is for its
        // log.
        Stdio errors = new Stdio(Optional.empty(), Optional.empty(), Optional.of(context.error()));
        return run.launch(
                origin, errors, false, machine -> context.print(machine.id().value()));
    }
}
