package dev.fcvm.cli.run;

import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.store.Sweep;

/** Clears away what killed processes have left, before a machine is started, and says what. */
final class Sweeping {

    private Sweeping() {}

    static void before(Machines machines, RunListener listener) throws FcvmException, InterruptedException {
        for (Sweep.Leftover leftover : machines.sweep(failure -> cannotSweep(failure, listener))) {
            listener.warn("cleared away what a killed run had left of machine " + leftover.name());
        }
    }

    /** No reason not to go on: it concerns another machine. */
    private static void cannotSweep(FcvmException failure, RunListener listener) {
        listener.warn(String.valueOf(failure.getMessage()));
        Besides.of(failure).forEach(listener::warn);
    }
}
