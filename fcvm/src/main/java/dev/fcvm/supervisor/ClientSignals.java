package dev.fcvm.supervisor;

import dev.fcvm.command.Signals;
import dev.fcvm.command.Subscription;
import dev.fcvm.host.process.LinuxSignal;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** The signals a launcher passes on. As in a kernel, one that nobody has taken waits, once of each kind. */
final class ClientSignals implements Signals {

    private final Listeners<LinuxSignal> listeners = new Listeners<>();
    private final Listeners<ClientSignals> watchers = new Listeners<>();
    private final Set<LinuxSignal> waiting = EnumSet.noneOf(LinuxSignal.class);
    private boolean gone;

    @Override
    public boolean available() {
        return true;
    }

    @Override
    public synchronized Subscription subscribe(Consumer<LinuxSignal> listener) {
        Subscription subscription = listeners.add(listener);
        waiting.forEach(listener);
        waiting.clear();
        return subscription;
    }

    @Override
    public synchronized Subscription onGone(Runnable listener) {
        if (gone) {
            listener.run();
            return () -> {};
        }
        return watchers.add(_ -> listener.run());
    }

    /** The launcher was sent this one; returns whether somebody has taken it. */
    synchronized boolean receive(LinuxSignal signal) {
        boolean taken = listeners.tell(signal);
        if (!taken) {
            waiting.add(signal);
        }
        return taken;
    }

    /** The launcher is gone; returns whether somebody wanted to know. */
    synchronized boolean callerIsGone() {
        gone = true;
        return watchers.tell(this);
    }
}
