package dev.fcvm.agent;

import java.io.Serial;

/** A command could not be run in a machine, or nobody can say any more how it ended. The message is harmless to show. */
public final class ExecFailure extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    ExecFailure(String message) {
        super(message);
    }
}
