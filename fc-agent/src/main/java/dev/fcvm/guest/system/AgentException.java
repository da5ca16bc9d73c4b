package dev.fcvm.guest.system;

import java.io.Serial;

/** The agent cannot do what it was told. The message is one line for the user. */
public final class AgentException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    public AgentException(String message) {
        super(message);
    }

    public AgentException(String message, Throwable cause) {
        super(message, cause);
    }
}
