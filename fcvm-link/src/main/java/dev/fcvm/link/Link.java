package dev.fcvm.link;

import dev.fcvm.link.message.Message;
import java.io.IOException;

/**
 * One session between a host and an agent: control messages, and byte streams with flow control, over one byte channel
 * at a time. The channel may break and be dialled anew: nothing is lost, repeated or reordered. See
 * docs/link-protocol.md.
 *
 * <p>All methods may be called from any thread. Blocking methods end with a {@link LinkException} when the session
 * ends.
 */
public interface Link extends AutoCloseable {

    /** Returns the random name of this session, made by the host. Blocks until the peer has agreed to it. */
    SessionId session() throws LinkException, InterruptedException;

    /** Returns whether there is a channel to the peer now, and this session may send over it. */
    boolean connected();

    /** Returns whether the session is over: it is not when the channel is gone, since another may come. */
    boolean ended();

    /** Sends a control message. Blocks while the control window is full. */
    void send(Message message) throws LinkException, InterruptedException;

    /** Takes the next control message of the peer, waiting for it. */
    Message receive() throws LinkException, InterruptedException;

    /** Opens a new stream (host only): its number goes to the agent inside a {@link Message}. */
    LinkStream openStream() throws LinkException;

    /** Joins the stream the host has opened under this number (agent only): one that is over if the host has reset it. */
    LinkStream joinStream(int number) throws LinkException;

    /** Ends the session. Never blocks on the peer; blocked callers get a {@link LinkException}. */
    @Override
    void close() throws IOException;
}
