package dev.fcvm.host;

import dev.fcvm.error.FcvmException;

/**
 * Work that must be done although its thread is, or gets, interrupted: an interruption is often why something is given
 * back, and must not be what keeps it from being given back. It is not lost: the thread is interrupted again afterwards.
 */
public final class Uninterrupted {

    private Uninterrupted() {}

    /**
     * A piece of work. It may be done again from its start when it was interrupted.
     *
     * @param <X> how it may fail
     */
    @FunctionalInterface
    public interface Work<X extends Exception> {
        /** Does it. */
        void run() throws X, FcvmException, InterruptedException;
    }

    /** Does it, as often as it takes to do it without an interruption. */
    public static <X extends Exception> void run(Work<X> work) throws X, FcvmException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    work.run();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until a thread has ended. */
    public static void join(Thread thread) {
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
