package dev.fcvm.link;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a session: its two halves, and how it ends. It ends in order when both halves have been consumed and
 * both sides know; or by a reset, which each side says once: whoever has said and heard it forgets the stream, so after
 * that no frame of it can come from an honest peer.
 *
 * <p>Locks are taken in the order wire, stream, buffer.
 */
final class Stream implements LinkStream {

    private final Session session;
    private final int number;
    private final SendBuffer send;
    private final ReceiveBuffer receive;
    private final InputStream input;
    private final OutputStream output;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean resetWanted;
    private boolean resetSaid;
    private boolean resetHeard;
    private boolean forgotten;

    Stream(Session session, int number, int window) {
        this.session = session;
        this.number = number;
        this.send = new SendBuffer(window);
        this.receive = new ReceiveBuffer(window);
        this.input = new StreamInput(this, receive);
        this.output = new StreamOutput(this, send);
    }

    /** Returns a stream that is over for this reason, and of which the peer will never hear. */
    static Stream forgotten(Session session, int number, LinkException reason) {
        var stream = new Stream(session, number, Protocol.SMALLEST_WINDOW);
        stream.resetWanted = true;
        stream.forgotten = true;
        stream.fail(reason, true);
        return stream;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    SendBuffer sendBuffer() {
        return send;
    }

    ReceiveBuffer receiveBuffer() {
        return receive;
    }

    @Override
    public void awaitConsumed() throws LinkException, InterruptedException {
        send.wantReport();
        pump();
        send.awaitConsumed();
    }

    @Override
    public void reset() {
        lock.lock();
        try {
            if (resetWanted || forgotten || over()) {
                return;
            }
            resetWanted = true;
            send.fail(new LinkException("stream " + number + " has been reset"));
            receive.discard();
        } finally {
            lock.unlock();
        }
        session.pumpSoon(this);
    }

    /** Returns whether we shall never again have anything to say about this stream. */
    private boolean over() {
        return send.endSent() && receive.finished();
    }

    /** Sends whatever is due, from the calling thread. What cannot be sent now is sent after the next handshake. */
    void pump() {
        boolean more = true;
        while (more) {
            more = session.wire().sendNext(session, this);
        }
    }

    /** Sends what is due of the receiving half, when something is. */
    void pumpReceived() {
        if (receive.due()) {
            session.pumpSoon(this);
        }
    }

    /** Puts the next frame that is due; returns whether there was one. The caller holds the wire's lock. */
    boolean fill(ByteBuffer frame) {
        int tag = session.tag();
        lock.lock();
        try {
            if (forgotten) {
                return false;
            }
            if (resetWanted) {
                if (resetSaid) {
                    return false;
                }
                Protocol.putBare(frame, tag, Protocol.RESET, number, 0);
                resetSaid = true;
                if (resetHeard) {
                    forget();
                }
                return true;
            }
            if (receive.fill(frame, tag, number)) {
                forgetIfFinished();
                return true;
            }
            return send.fill(frame, tag, number);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a frame of the peer; returns what is wrong with it, or null. */
    @Nullable String accept(FrameReader frame) {
        lock.lock();
        try {
            if (resetHeard) {
                return "a frame after its reset";
            }
            return switch (frame.type()) {
                case Protocol.DATA -> acceptData(frame);
                case Protocol.WINDOW -> acceptWindow(frame);
                case Protocol.RESET -> acceptReset(frame);
                default -> "a frame of the unknown type " + frame.type();
            };
        } finally {
            lock.unlock();
        }
    }

    private @Nullable String acceptData(FrameReader frame) {
        if ((frame.flags() & ~(Protocol.END | Protocol.REPORT)) != 0) {
            return "data with unknown flags";
        }
        String wrong = receive.accept(frame);
        if (wrong == null && !resetWanted && receive.due()) {
            session.later();
        }
        return wrong;
    }

    private @Nullable String acceptWindow(FrameReader frame) {
        if (frame.length() != 0 || frame.flags() != 0) {
            return "a malformed window";
        }
        if (!send.acknowledge(frame.offset())) {
            return "a window at offset " + frame.offset()
                    + ", which is not between what was consumed and what was sent";
        }
        forgetIfFinished();
        return null;
    }

    private @Nullable String acceptReset(FrameReader frame) {
        if (frame.length() != 0 || frame.flags() != 0 || frame.offset() != 0 || number == Protocol.CONTROL) {
            return "a malformed reset";
        }
        hearReset();
        return null;
    }

    private void hearReset() {
        resetHeard = true;
        if (!resetWanted) {
            resetWanted = true;
            var reason = new LinkException(session.peer() + " has reset stream " + number);
            send.fail(reason);
            receive.fail(reason, true);
        }
        if (resetSaid) {
            forget();
        } else {
            session.later();
        }
    }

    private void forgetIfFinished() {
        if (send.finished() && receive.finished()) {
            forget();
        }
    }

    private void forget() {
        forgotten = true;
        session.streams().remove(this);
    }

    /**
     * Puts this stream's place in the list of a HELLO or WELCOME.
     *
     * @param answer whether the list answers the peer's, so that both know the same after it
     */
    void list(ByteBuffer frame, boolean answer) {
        lock.lock();
        try {
            resetSaid = resetWanted;
            frame.putInt(number).put((byte) (resetWanted ? Protocol.WAS_RESET : 0));
            receive.list(frame);
            if (answer) {
                forgetIfFinished();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Goes on after a break where the peer's list says it is; returns what is wrong with that, or null.
     *
     * @param answer whether the peer's list answers ours, so that it would have forgotten a stream listed as reset
     */
    @Nullable String resume(boolean wasReset, long received, long consumed, boolean answer) {
        lock.lock();
        try {
            if (!send.resume(received, consumed)) {
                return "a list that contradicts what was sent";
            }
            if (answer && resetSaid) {
                return "a list with a stream that has been reset";
            }
            if (wasReset) {
                hearReset();
                if (!answer) {
                    // Our own list will lack it, which says as much as our reset.
                    forget();
                }
            }
            forgetIfFinished();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Hears from the peer's list that it has forgotten this stream; returns what is wrong with that, or null. */
    @Nullable String resumeForgotten() {
        lock.lock();
        try {
            boolean inOrder = receive.finished() && send.finish();
            if (!inOrder && !resetWanted) {
                return "a list without a stream that is not finished";
            }
            forget();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Ends both halves: the session is over. */
    void fail(LinkException reason, boolean atOnce) {
        send.fail(reason);
        receive.fail(reason, atOnce);
    }
}
