package dev.fcvm.agent;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Message;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The host's end of a session with the agent of one machine. What the agent says is handed to a listener; what is told
 * to it is queued, so that an agent that does not listen never holds the caller up. Closing ends the session.
 */
public final class AgentClient implements AutoCloseable {

    private static final int LONGEST_REASON = 500;

    /** More unsent messages than this, and the agent does not listen: no container needs so many signals at once. */
    private static final int MOST_UNSENT = 64;

    /** What an agent says by itself is a handful; more than this, and it wants to keep us busy. */
    private static final int MOST_UNASKED = 1000;

    private final Link link;
    private final Consumer<AgentEvent> listener;
    private final BlockingQueue<Message.FromHost> unsent = new ArrayBlockingQueue<>(MOST_UNSENT);
    private final AtomicLong told = new AtomicLong();
    private final Thread receiver;
    private final Thread sender;

    private AgentClient(Link link, Consumer<AgentEvent> listener) {
        this.link = link;
        this.listener = listener;
        this.receiver = Thread.ofVirtual().name("agent-receiver").unstarted(this::receive);
        this.sender = Thread.ofVirtual().name("agent-sender").unstarted(this::send);
    }

    /**
     * Begins to listen.
     *
     * @param link the session; owned by the client from now on
     * @param listener is called on a thread of the client, one event after the other, and must not block; a {@link
     *     AgentEvent.Gone} is the last
     */
    public static AgentClient listen(Link link, Consumer<AgentEvent> listener) {
        var client = new AgentClient(link, listener);
        client.receiver.start();
        client.sender.start();
        return client;
    }

    /** Opens a stream, whose number goes to the agent inside a message. */
    public LinkStream openStream() throws LinkException {
        return link.openStream();
    }

    /**
     * Queues a message for the agent. Never blocks.
     *
     * @return false when so many wait already that the agent cannot be listening; the message is then dropped
     */
    public boolean tell(Message.FromHost message) {
        told.incrementAndGet();
        return unsent.offer(message);
    }

    private void receive() {
        try {
            for (long received = 1; ; received++) {
                Message message = link.receive();
                if (received > MOST_UNASKED + 2 * told.get()) {
                    throw new LinkException("it sends messages without end");
                }
                switch (message) {
                    case Message.FromGuest fromGuest -> listener.accept(new AgentEvent.Said(fromGuest));
                    case Message.FromHost echoed ->
                        throw new LinkException("the guest sent a message only a host may send");
                }
            }
        } catch (LinkException ended) {
            listener.accept(
                    new AgentEvent.Gone(GuestText.harmless(String.valueOf(ended.getMessage()), LONGEST_REASON)));
        } catch (InterruptedException closed) {
            listener.accept(new AgentEvent.Gone("closed"));
        }
    }

    private void send() {
        try {
            while (true) {
                link.send(unsent.take());
            }
        } catch (LinkException | InterruptedException over) {
            // The receiver tells the listener why the session ended; there is nothing to add here.
            unsent.clear();
        }
    }

    @Override
    public void close() {
        sender.interrupt();
        receiver.interrupt();
        try {
            link.close();
        } catch (IOException useless) {
            // The session is over for us whatever the transport says, and the machine ends next.
            unsent.clear();
        }
    }
}
