package dev.fcvm.supervisor;

import dev.fcvm.command.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Those who are told of something. A listener is not called after its subscription was closed. */
final class Listeners<T> {

    private final List<Consumer<T>> all = new ArrayList<>();

    synchronized Subscription add(Consumer<T> listener) {
        // Of its own identity, so that a listener that is added twice is told twice.
        Consumer<T> own = news -> listener.accept(news);
        all.add(own);
        return () -> remove(own);
    }

    private synchronized void remove(Consumer<T> listener) {
        all.remove(listener);
    }

    /** Tells all, and returns whether there is anybody. */
    synchronized boolean tell(T news) {
        List.copyOf(all).forEach(listener -> listener.accept(news));
        return !all.isEmpty();
    }
}
