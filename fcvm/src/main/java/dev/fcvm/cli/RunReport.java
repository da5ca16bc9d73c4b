package dev.fcvm.cli;

import dev.fcvm.machine.Phase;
import dev.fcvm.machine.RunListener;

/**
 * Shows a run's progress to somebody who watches; to nobody else, since standard error is the container's. Warnings
 * stand there all the same, unless {@code --quiet} is given.
 */
final class RunReport implements RunListener {

    private final Surroundings surroundings;
    private final boolean quiet;
    private final boolean talkative;
    private final Timings timings;

    RunReport(Surroundings surroundings, boolean quiet, Timings timings) {
        this.surroundings = surroundings;
        this.quiet = quiet;
        this.talkative = surroundings.errorIsTerminal() && !quiet;
        this.timings = timings;
    }

    @Override
    public void reached(Phase phase) {
        timings.note(phase);
    }

    @Override
    public void note(String line) {
        if (talkative) {
            surroundings.complain("fcvm: " + line);
        }
    }

    @Override
    public void warn(String line) {
        if (!quiet) {
            surroundings.complain("fcvm: " + line);
        }
    }
}
