package dev.fcvm.link.message;

import java.io.Serial;

/** Bytes that are no message; says what is wrong with them. */
public final class MalformedMessageException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message);
    }
}
