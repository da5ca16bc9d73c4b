package dev.fcvm.error;

import java.io.Serial;

/**
 * Something the user must hear of, in one line: what failed, on what, why, and what to do. Everything a room throws
 * across its door on purpose is one of these; the command line turns it into {@code Error: …} and the exit code.
 */
public final class FcvmException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What went wrong, as a stable word that scripts may rely on, with the exit code Podman would give it. */
    public enum Kind {
        /** The command line or a setting is wrong. */
        USAGE(125),
        /** A thing the user named is not there. */
        NOT_FOUND(125),
        /** A name or a resource is already in use. */
        IN_USE(125),
        /** The host lacks something, or refuses it. */
        HOST(125),
        /** An image cannot be had or used. */
        IMAGE(125),
        /** The virtual machine monitor failed. */
        VMM(125),
        /** The guest failed or does not answer. */
        GUEST(125);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        /** Returns the process exit code. */
        public int exitCode() {
            return exitCode;
        }
    }

    /**
     * @param kind what went wrong
     * @param message one line: what failed, on what, why, and what to do
     */
    public FcvmException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** The same with its cause, which {@code --debug} shows. */
    public FcvmException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Returns what went wrong. */
    public Kind kind() {
        return kind;
    }
}
