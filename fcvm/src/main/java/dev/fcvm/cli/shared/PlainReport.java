package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunListener;

/**
 * Tells a user what must be told, and nothing of a machine's progress.
 *
 * @param context the user's
 */
public record PlainReport(CommandContext context) implements RunListener {

    @Override
    public void reached(Phase phase) {}

    @Override
    public void note(String line) {}

    @Override
    public void warn(String line) {
        context.complain("fcvm: " + line);
    }
}
