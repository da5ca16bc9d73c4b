package dev.fcvm.guest;

import java.io.Serial;

/** The agent cannot do what it was told. The message is one line for the user. */
final class AgentException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    AgentException(String message) {
        super(message);
    }

    AgentException(String message, Throwable cause) {
        super(message, cause);
    }
}
