package dev.fcvm.link;

/** The guest's end of the channel: hands out the sessions hosts begin, one at a time. */
public interface LinkAcceptor extends AutoCloseable {

    /**
     * Waits for the next session. When a host begins another one, the one before ends: its users get a
     * {@link LinkException}.
     *
     * @throws LinkException when there will be no more: the acceptor was closed, or the {@link Dialer} gave up
     */
    Link accept() throws LinkException, InterruptedException;

    /** Ends the session there is and closes the channel. Never blocks on the host. */
    @Override
    void close();
}
