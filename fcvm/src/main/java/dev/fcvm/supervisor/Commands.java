package dev.fcvm.supervisor;

import dev.fcvm.command.CommandContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the supervisor can be asked to do. */
public interface Commands {

    /**
     * Runs one to its end, on a thread of its own, and returns its exit code. Nothing of it may go on afterwards that
     * holds the context.
     */
    int run(CommandContext context, List<String> arguments);

    /** Returns whether this one is to run in the caller's own process: it asks on the caller's terminal, say. */
    boolean needsOwnProcess(CommandContext context, List<String> arguments);

    /**
     * Returns the data directory the command will use, which may stand in a file the launcher does not read; nothing
     * when that cannot be told, which the command will say.
     */
    Optional<Path> dataDirectory(CommandContext context);
}
