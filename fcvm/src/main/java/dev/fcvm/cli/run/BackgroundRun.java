package dev.fcvm.cli.run;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.ForegroundRun.Origin;

/** A machine that goes on when the command that starts it has ended: prints its id when its container runs. */
final class BackgroundRun {

    private final CommandContext context;
    private final ForegroundRun run;

    BackgroundRun(CommandContext context, ForegroundRun run) {
        this.context = context;
        this.run = run;
    }

    int execute(Origin origin) throws FcvmException {
        return run.launch(
                origin,
                context.error(),
                false,
                machine -> context.print(machine.id().value()));
    }
}
