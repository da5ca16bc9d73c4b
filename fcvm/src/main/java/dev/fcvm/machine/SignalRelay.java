package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.LinuxSignal;
import dev.fcvm.host.SignalSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to signals sent to this process during a run. Before the container can take them, the first one ends the
 * run: the thread that runs it is interrupted, and clears up on its way out. Later they are handed to whoever forwards
 * them. One that was sent before the relay stood waits in the kernel, so none is lost.
 */
final class SignalRelay implements AutoCloseable {

    private final Thread runner;
    private final Thread opener;
    private final RunListener listener;

    private @Nullable SignalSource source;
    private @Nullable LinuxSignal ending;
    private @Nullable Consumer<LinuxSignal> forward;
    private boolean closed;

    private SignalRelay(Thread runner, RunListener listener) {
        this.runner = runner;
        this.listener = listener;
        // Native calls take some 60 ms to set up, which need not be waited for.
        this.opener = Thread.ofPlatform().name("signals-opener").daemon().unstarted(this::open);
    }

    /** Begins to listen, for a run on the calling thread. */
    static SignalRelay start(RunListener listener) {
        var relay = new SignalRelay(Thread.currentThread(), listener);
        relay.opener.start();
        return relay;
    }

    /** Hands signals to this receiver from now on, which must not block. */
    synchronized void forwardTo(Consumer<LinuxSignal> receiver) {
        forward = receiver;
    }

    /** Ends the run at the next signal again. */
    synchronized void endRunAgain() {
        forward = null;
    }

    /** Returns the signal that has ended the run. */
    synchronized Optional<LinuxSignal> ending() {
        return Optional.ofNullable(ending);
    }

    private void open() {
        try {
            if (!SignalSource.isAvailable()) {
                listener.warn("signals are not passed on: this program was not started by bin/fcvm");
                return;
            }
            adopt(SignalSource.open(this::receive));
        } catch (FcvmException unavailable) {
            listener.warn(String.valueOf(unavailable.getMessage()));
        }
    }

    private void adopt(SignalSource opened) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                source = opened;
            }
        }
        if (late) {
            opened.close();
        }
    }

    private synchronized void receive(LinuxSignal signal) {
        if (closed) {
            return;
        }
        if (forward != null) {
            forward.accept(signal);
        } else if (ending == null) {
            ending = signal;
            runner.interrupt();
        }
    }

    @Override
    public void close() {
        SignalSource opened;
        synchronized (this) {
            closed = true;
            opened = source;
        }
        // Not under our monitor: it waits for a listener that may be waiting for that.
        if (opened != null) {
            opened.close();
        }
    }
}
