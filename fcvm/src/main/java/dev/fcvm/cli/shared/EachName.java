package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * What a command does that was given several names: the same for each. What fails for one is told in a line of its own,
 * and keeps no other from its turn.
 *
 * @param forgiven whether a name that does not exist is no failure, as with {@code --force} and {@code --ignore}
 * @param code the exit code for a failure; of several the largest counts
 */
public record EachName(CommandContext context, boolean forgiven, ToIntFunction<Kind> code) {

    /** What is done with one of the names. */
    @FunctionalInterface
    public interface Step {
        /** Does it. */
        void with(String name) throws FcvmException, InterruptedException;
    }

    /** The failures of a command whose names must exist, and whose exit codes are the usual ones. */
    public static EachName of(CommandContext context) {
        return new EachName(context, false, Kind::exitCode);
    }

    /** The same, content where there is no such name if that is asked for. */
    public EachName forgiving(boolean missing) {
        return new EachName(context, missing, code);
    }

    /** The same with exit codes of its own. */
    public EachName exiting(ToIntFunction<Kind> with) {
        return new EachName(context, forgiven, with);
    }

    /**
     * Takes the names one by one.
     *
     * @return the exit code: 0 if nothing failed
     */
    public int run(List<String> names, Step step) throws InterruptedException {
        int worst = 0;
        for (String name : names) {
            try {
                step.with(name);
            } catch (FcvmException failure) {
                if (!forgiven || failure.kind() != Kind.NOT_FOUND) {
                    context.complain("Error: " + failure.getMessage());
                    worst = Math.max(worst, code.applyAsInt(failure.kind()));
                }
            }
        }
        return worst;
    }
}
