package dev.fcvm.link;

import java.io.IOException;
import java.io.Serial;
import java.util.Objects;

/**
 * The session is over: closed by us, ended by the peer, or given up because the peer broke the protocol. From a stream
 * also: that stream was reset, by either side, and the session goes on.
 */
public final class LinkException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Makes an error with the reason, a sentence without its full stop. */
    public LinkException(String message) {
        super(message);
    }

    /** Makes an error with the reason and what caused it. */
    public LinkException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns the same error for another caller, with its stack trace and this one as the cause. */
    LinkException again() {
        return new LinkException(Objects.requireNonNullElse(getMessage(), "the link is over"), this);
    }
}
