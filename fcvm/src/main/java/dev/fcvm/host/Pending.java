package dev.fcvm.host;

import dev.fcvm.error.FcvmException;

/**
 * Something that is nobody's yet: closed at the end of its block, unless it was handed over by then. What fails in
 * closing it is suppressed in the failure that ended the block, and does not take its place.
 */
public final class Pending implements AutoCloseable {

    private final Closing closing;
    private boolean handedOver;

    /** Holds it. */
    public Pending(Closing closing) {
        this.closing = closing;
    }

    /** How it is closed. */
    @FunctionalInterface
    public interface Closing {
        /** Closes it. */
        void close() throws FcvmException;
    }

    /** Leaves it to somebody else, who closes it from now on. */
    public void handOver() {
        handedOver = true;
    }

    @Override
    public void close() throws FcvmException {
        if (!handedOver) {
            closing.close();
        }
    }
}
