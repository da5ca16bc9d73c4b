package dev.fcvm.machine;

import dev.fcvm.command.Signals;
import dev.fcvm.command.Subscription;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.machine.session.RunListener;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happens to signals sent to this process during a run. Before the container can take them, the first one ends the
 * run: the thread that runs it is interrupted, and clears up on its way out. Later they are handed to whoever forwards
 * them. One that was sent before the relay stood waits in the kernel, so none is lost.
 */
final class SignalRelay implements AutoCloseable {

    private final Signals signals;
    private final Thread runner;
    private final Thread opener;
    private final RunListener listener;

    private @Nullable Subscription source;
    private @Nullable Subscription watch;
    private @Nullable LinuxSignal ending;
    private @Nullable Predicate<LinuxSignal> forward;
    private boolean closed;
    private boolean gone;

    private SignalRelay(Thread runner, Signals signals, RunListener listener) {
        this.signals = signals;
        this.runner = runner;
        this.listener = listener;
        // Native calls take some 60 ms to set up, which need not be waited for.
        this.opener = Thread.ofPlatform().name("signals-opener").daemon().unstarted(this::open);
    }

    /** Begins to listen, for a run on the calling thread. */
    static SignalRelay start(Signals signals, RunListener listener) {
        var relay = new SignalRelay(Thread.currentThread(), signals, listener);
        relay.opener.start();
        return relay;
    }

    /**
     * Offers signals to this receiver from now on, which must not block. One that it does not take, because there is no
     * container yet or none any more, ends the run.
     */
    synchronized void forwardTo(Predicate<LinuxSignal> receiver) {
        forward = receiver;
    }

    /** Returns the signal that has ended the run. */
    synchronized Optional<LinuxSignal> ending() {
        return Optional.ofNullable(ending);
    }

    private void open() {
        try {
            if (!signals.available()) {
                listener.warn("signals are not passed on: this program was not started by bin/fcvm");
                return;
            }
            adopt(signals.subscribe(this::receive), signals.onGone(this::callerIsGone));
        } catch (FcvmException unavailable) {
            listener.warn(String.valueOf(unavailable.getMessage()));
        }
    }

    private void adopt(Subscription opened, Subscription watching) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                source = opened;
                watch = watching;
            }
        }
        if (late) {
            opened.close();
            watching.close();
        }
    }

    private synchronized void receive(LinuxSignal signal) {
        if (closed) {
            return;
        }
        if (forward != null && forward.test(signal)) {
            return;
        }
        if (ending == null) {
            ending = signal;
            runner.interrupt();
        }
    }

    /** Nobody is left who could be told how the run ends: who watches it need not. */
    private synchronized void callerIsGone() {
        if (!closed && ending == null) {
            gone = true;
            runner.interrupt();
        }
    }

    /** Returns whether the caller's process is gone, killed for example. */
    synchronized boolean isCallerGone() {
        return gone;
    }

    @Override
    public void close() {
        Subscription opened;
        Subscription watching;
        synchronized (this) {
            closed = true;
            opened = source;
            watching = watch;
        }
        // Not under our monitor: it waits for a listener that may be waiting for that.
        if (opened != null) {
            opened.close();
        }
        if (watching != null) {
            watching.close();
        }
    }
}
