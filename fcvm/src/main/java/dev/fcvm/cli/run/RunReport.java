package dev.fcvm.cli.run;

import dev.fcvm.command.CommandContext;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunListener;

/**
 * Shows a run's progress to somebody who watches; to nobody else, since standard error is the container's. Warnings
 * stand there all the same, unless {@code --quiet} is given.
 */
public final class RunReport implements RunListener {

    private final CommandContext context;
    private final boolean quiet;
    private final boolean talkative;
    private final Timings timings;

    /** Reports to the caller of a command. */
    public RunReport(CommandContext context, boolean quiet, Timings timings) {
        this.context = context;
        this.quiet = quiet;
        this.talkative = context.errorIsTerminal() && !quiet;
        this.timings = timings;
    }

    @Override
    public void reached(Phase phase) {
        timings.note(phase);
    }

    @Override
    public void note(String line) {
        if (talkative) {
            context.complain("fcvm: " + line);
        }
    }

    @Override
    public void warn(String line) {
        if (!quiet) {
            error(line);
        }
    }

    @Override
    public void error(String line) {
        context.complain("fcvm: " + line);
    }
}
