package dev.fcvm.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of the channel: whole frames, one at a time, each with one write, from whatever thread has something
 * to send. Its lock is fair, so that a busy stream cannot keep the others out. A write may block for as long as the peer
 * does not read.
 */
final class Wire {

    /** Makes a handshake frame, while nothing else can be sent. */
    interface Composer {
        void compose(ByteBuffer frame);
    }

    private final ReentrantLock lock = new ReentrantLock(true);
    private final ByteBuffer frame = ByteBuffer.allocateDirect(Protocol.LONGEST_FRAME);
    private final ByteBuffer opening = ByteBuffer.allocateDirect(Protocol.HEADER_BYTES + Protocol.TRAILER_BYTES);
    private volatile @Nullable ByteChannel channel;
    private volatile @Nullable Session owner;

    /** Takes a new channel. Only handshake frames go over it until {@link #establish}. */
    synchronized void connect(ByteChannel fresh) {
        owner = null;
        channel = fresh;
    }

    /** Lets a session send. */
    void establish(Session session) {
        owner = session;
    }

    /** Returns whether this session may send now. */
    boolean carries(Session session) {
        return owner == session;
    }

    /** Lets no session send; a frame that is being sent is finished. */
    void suspend() {
        owner = null;
    }

    /** As {@link #suspend}, and waits until no frame is being sent. May block on the peer. */
    void quiesce() {
        lock.lock();
        try {
            owner = null;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the channel; a thread that is blocked in it comes free. */
    void disconnect() {
        ByteChannel broken;
        // In one step: a user who ends the session does this while the endpoint connects the next channel, and must
        // either miss it or close it. Never under the wire's lock, which a blocked write holds.
        synchronized (this) {
            owner = null;
            broken = channel;
            channel = null;
        }
        if (broken != null) {
            close(broken);
        }
    }

    /** Closes a channel that is given up. */
    static void close(ByteChannel broken) {
        try {
            broken.close();
        } catch (IOException unusable) {
            // It is given up either way, and nothing that was written is taken for delivered: there is none to tell.
            return;
        }
    }

    /** Sends the next frame that is due on a stream; returns whether there was one and it could be sent. */
    boolean sendNext(Session session, Stream stream) {
        if (owner != session) {
            // Not worth waiting for a greeting that the peer may never read: all is sent once the session may send.
            return false;
        }
        lock.lock();
        try {
            var open = channel;
            if (owner != session || open == null) {
                return false;
            }
            boolean due = stream.fill(frame.clear());
            // Only now: what is due may speak of a stream that has been opened while we looked, and must not overtake
            // it.
            while (session.streams().fillOpen(opening.clear())) {
                if (!write(open, opening.flip())) {
                    return false;
                }
            }
            return due && write(open, frame.flip());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends a handshake frame.
     *
     * @param padded whether to send the longest frame's worth of padding first
     * @param sender who may send from this frame on, or null for nobody
     */
    boolean handshake(Composer composer, boolean padded, @Nullable Session sender) {
        lock.lock();
        try {
            var open = channel;
            if (open == null) {
                return false;
            }
            owner = null;
            if (padded) {
                frame.clear();
                while (frame.hasRemaining()) {
                    frame.putLong(0);
                }
                if (!write(open, frame.flip())) {
                    return false;
                }
            }
            frame.clear();
            composer.compose(frame);
            // Before the write: the peer may answer, and the thread that reads establish a session, before it returns.
            owner = sender;
            return write(open, frame.flip());
        } finally {
            lock.unlock();
        }
    }

    private boolean write(ByteChannel open, ByteBuffer bytes) {
        // A channel closes when an interrupted thread writes to it, which would be a break for every stream.
        boolean interrupted = Thread.interrupted();
        try {
            while (bytes.hasRemaining()) {
                if (open.write(bytes) <= 0) {
                    throw new IOException("the channel takes no more bytes");
                }
            }
            return true;
        } catch (IOException broken) {
            // Not an error of the caller: what it wrote is kept, and sent again over the next channel. The thread that
            // reads this one sees it closed, and dials.
            owner = null;
            close(open);
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
