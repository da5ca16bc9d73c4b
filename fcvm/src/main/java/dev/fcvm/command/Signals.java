package dev.fcvm.command;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import java.util.function.Consumer;

/** The signals sent to the caller's process while its command runs. */
public interface Signals {

    /** Returns those of a command that none can reach. */
    static Signals none() {
        return NoSignals.INSTANCE;
    }

    /**
     * Tells whether signals reach the command at all: not where Java was started without the launcher.
     *
     * @throws FcvmException when that cannot be found out
     */
    boolean available() throws FcvmException;

    /**
     * Has somebody told each signal, those included that were sent since the command's start and that nobody was told. Of
     * several subscribers each is told.
     *
     * @param listener is called on a thread of the context's, one signal after the other, and must not block
     * @throws FcvmException when they are not {@link #available}, or the kernel refuses
     */
    Subscription subscribe(Consumer<LinuxSignal> listener) throws FcvmException;

    /**
     * Has somebody told when the caller's process is gone without having waited for the command, killed for example: at
     * once if that is so already. Nothing the command writes arrives any more. A command that runs in the caller's own
     * process is never told. Of one that has not asked to be told, the supervisor interrupts the thread.
     *
     * @param listener is called once, on a thread of the context's, and must not block
     */
    Subscription onGone(Runnable listener);
}
