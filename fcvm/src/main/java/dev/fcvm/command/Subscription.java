package dev.fcvm.command;

/** Lasts until it is closed; closing it more than once is as good as once. */
public interface Subscription extends AutoCloseable {

    /** Ends it. When this returns, the listener is not called any more, unless this is called by the listener itself. */
    @Override
    void close();
}
