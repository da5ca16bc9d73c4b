package dev.fcvm.link;

import dev.fcvm.link.message.Message;
import org.jspecify.annotations.Nullable;

/** One session: its streams and its control messages. Its endpoint connects it, this side of any break. */
final class Session implements Link {

    private final boolean host;
    private final SessionId id;
    private final int tag;
    private final Wire wire;
    private final Endpoint endpoint;
    private final Streams streams;
    private final ControlChannel control;
    private boolean agreed;
    private volatile @Nullable LinkException failure;

    Session(boolean host, SessionId id, int window, Wire wire, Endpoint endpoint) {
        this.host = host;
        this.id = id;
        this.tag = Protocol.tag(id);
        this.wire = wire;
        this.endpoint = endpoint;
        this.streams = new Streams(this, window);
        this.control = new ControlChannel(this, streams.live()[0]);
    }

    boolean host() {
        return host;
    }

    SessionId id() {
        return id;
    }

    int tag() {
        return tag;
    }

    Wire wire() {
        return wire;
    }

    Streams streams() {
        return streams;
    }

    /** Returns what errors call the other side. */
    String peer() {
        return host ? "the guest" : "the host";
    }

    void later() {
        endpoint.pumpLater();
    }

    /**
     * Sends what is due on a stream, for a caller who need not wait until it is sent. The host leaves it to its endpoint:
     * a guest that does not read holds up nobody but who writes to it. The guest's host always reads.
     */
    void pumpSoon(Stream stream) {
        if (host) {
            endpoint.pumpLater();
        } else {
            stream.pump();
        }
    }

    /** Sends all that is due on all streams. May block on the peer. */
    void pumpAll() {
        for (var stream : streams.live()) {
            stream.pump();
        }
    }

    /** Takes a frame that has come in order. */
    void accept(FrameReader frame) throws LinkException {
        String wrong;
        if (frame.reserved() != 0) {
            wrong = "a frame with reserved bits";
        } else if (frame.type() == Protocol.OPEN && !host) {
            wrong = streams.accept(frame);
        } else {
            var stream = streams.find(frame.stream());
            wrong = stream == null ? "a frame for the unknown stream" : stream.accept(frame);
        }
        if (wrong != null) {
            throw new LinkException(peer() + " broke the link's protocol on stream "
                    + Integer.toUnsignedString(frame.stream()) + ": " + wrong);
        }
    }

    @Override
    public synchronized SessionId session() throws LinkException, InterruptedException {
        while (!agreed) {
            throwIfOver();
            wait();
        }
        return id;
    }

    /** Hears that the peer has agreed to this session. */
    synchronized void agree() {
        agreed = true;
        notifyAll();
    }

    synchronized boolean agreed() {
        return agreed;
    }

    private void throwIfOver() throws LinkException {
        var over = failure;
        if (over != null) {
            throw over.again();
        }
    }

    @Override
    public boolean connected() {
        return wire.carries(this);
    }

    @Override
    public boolean ended() {
        return failure != null;
    }

    @Override
    public void send(Message message) throws LinkException, InterruptedException {
        control.send(message);
    }

    @Override
    public Message receive() throws LinkException, InterruptedException {
        return control.receive();
    }

    @Override
    public LinkStream openStream() throws LinkException {
        if (!host) {
            throw new IllegalStateException("only the host opens streams");
        }
        throwIfOver();
        var stream = streams.open(Protocol.MOST_STREAMS);
        if (stream == null) {
            throw new LinkException("there are " + Protocol.MOST_STREAMS + " streams open, no more is possible");
        }
        pumpSoon(stream);
        failIfOver(stream);
        return stream;
    }

    /** A session that ended meanwhile may not have seen the new stream when it ended the others. */
    private void failIfOver(Stream stream) {
        var over = failure;
        if (over != null) {
            stream.fail(over, true);
        }
    }

    @Override
    public LinkStream joinStream(int number) throws LinkException {
        if (host) {
            throw new IllegalStateException("only the guest joins streams");
        }
        throwIfOver();
        var stream = number == Protocol.CONTROL ? null : streams.find(number);
        if (stream == null && number != Protocol.CONTROL && streams.wasOpened(number)) {
            // Resets are faster than the messages that name streams.
            return Stream.forgotten(this, number, new LinkException("the host has reset stream " + number));
        }
        if (stream == null) {
            throw new LinkException("the host has no stream " + number + " open");
        }
        failIfOver(stream);
        return stream;
    }

    /** Ends the session for this reason, unless it has ended. */
    void fail(LinkException reason) {
        end(reason, false);
    }

    private void end(LinkException reason, boolean atOnce) {
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = reason;
            notifyAll();
        }
        for (var stream : streams.live()) {
            stream.fail(reason, atOnce);
        }
        endpoint.ended(this);
    }

    @Override
    public void close() {
        end(new LinkException("the link has been closed"), true);
    }
}
