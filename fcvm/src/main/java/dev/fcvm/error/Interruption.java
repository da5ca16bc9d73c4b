package dev.fcvm.error;

import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;

/** Tells a failure from the end that somebody asked for. */
public final class Interruption {

    private Interruption() {}

    /**
     * Returns whether something failed because its thread was interrupted. Java closes a channel under an interrupted
     * thread, and so every read and write of a file may be what notices it first.
     */
    public static boolean isBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException
                    || cause instanceof ClosedByInterruptException
                    || cause instanceof FileLockInterruptionException
                    || cause instanceof InterruptedIOException) {
                return true;
            }
        }
        return false;
    }
}
