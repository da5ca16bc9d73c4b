package dev.fcvm.plan;

import java.io.Serial;

/** A document that is no plan, or a plan too large to be one. The message is one line and names the field. */
public final class PlanException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    PlanException(String message) {
        super(message);
    }

    PlanException(String message, Throwable cause) {
        super(message, cause);
    }
}
