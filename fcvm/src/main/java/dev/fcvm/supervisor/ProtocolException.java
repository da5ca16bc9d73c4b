package dev.fcvm.supervisor;

import java.io.IOException;
import java.io.Serial;

/** A launcher sends what no launcher would. */
final class ProtocolException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
