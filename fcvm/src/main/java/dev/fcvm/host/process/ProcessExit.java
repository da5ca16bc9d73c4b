package dev.fcvm.host.process;

import dev.fcvm.host.NativeCalls;

/** Ends this process. */
public final class ProcessExit {

    private ProcessExit() {}

    /**
     * Ends this process at once with {@code exit_group(2)}. {@link System#exit} would wait up to 300 ms for each thread
     * that is blocked in native code: one that reads standard input, or the poller of the virtual threads.
     *
     * <p>No shutdown hook runs, and what is in a buffer is lost, so flush before. A training run for the AOT cache must
     * not end this way: it writes its recording from a shutdown hook.
     *
     * @param code the exit code, 0 to 255
     */
    public static void now(int code) {
        NativeCalls.call(NativeCalls.EXIT_GROUP, code, 0, 0);
        throw new AssertionError("exit_group returned");
    }
}
