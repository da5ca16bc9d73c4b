package dev.fcvm.link;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a stream: keeps what the peer has not yet consumed, so that it can be sent again after a break.
 * Offsets count bytes from the stream's beginning; the end counts as one more. Everything it keeps lies within the
 * peer's window, so all of it may be sent at any time.
 */
final class SendBuffer {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int window;
    private final Ring ring;
    private long consumed;
    private long sent;
    private long highestSent;
    private long written;
    private boolean closed;
    private long reportWanted;
    private long reportSent;
    private @Nullable LinkException failure;

    SendBuffer(int window) {
        this.window = window;
        this.ring = new Ring(window);
    }

    /** Takes as many of these bytes as the window allows, at least one, waiting for it; returns how many. */
    int put(byte[] from, int start, int length) throws LinkException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (space() == 0 || failure != null || closed) {
                throwIfOver();
                changed.await();
            }
            return take(from, start, length);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #put}, but an interrupt waits until it is done: for the rest of what must not be left half said. */
    int putUninterruptibly(byte[] from, int start, int length) throws LinkException {
        lock.lock();
        try {
            while (space() == 0 || failure != null || closed) {
                throwIfOver();
                changed.awaitUninterruptibly();
            }
            return take(from, start, length);
        } finally {
            lock.unlock();
        }
    }

    private int space() {
        return (int) (consumed + window - written);
    }

    private int take(byte[] from, int start, int length) {
        int count = Math.min(length, space());
        ring.reserve(consumed, written, written + count);
        int done = 0;
        while (done < count) {
            int run = ring.run(written, count - done);
            System.arraycopy(from, start + done, ring.bytes(), ring.index(written), run);
            written += run;
            done += run;
        }
        return count;
    }

    private void throwIfOver() throws LinkException {
        var over = failure;
        if (over != null) {
            throw over.again();
        }
        if (closed) {
            throw new LinkException("this output has been closed");
        }
    }

    /** Marks the end of the stream. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Puts the next frame that is due, within the longest frame; returns whether there was one. */
    boolean fill(ByteBuffer frame, int tag, int stream) {
        lock.lock();
        try {
            boolean report = reportWanted > reportSent && !closed;
            if (failure != null || sent > written || (sent == written && !closed && !report)) {
                return false;
            }
            int count = (int) Math.min(written - sent, Protocol.LONGEST_PAYLOAD);
            boolean end = closed && sent + count == written;
            int flags = end ? Protocol.END : 0;
            if (report && sent + count >= reportWanted) {
                flags |= Protocol.REPORT;
                reportSent = sent + count;
            }
            Protocol.putHeader(frame, tag, Protocol.DATA, flags, stream, count, sent);
            while (count > 0) {
                int run = ring.run(sent, count);
                frame.put(ring.bytes(), ring.index(sent), run);
                sent += run;
                count -= run;
            }
            frame.putInt(tag);
            if (end) {
                sent++;
            }
            highestSent = Math.max(highestSent, sent);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Hears that the peer has consumed everything before this offset; returns whether an honest one may say so. */
    boolean acknowledge(long offset) {
        lock.lock();
        try {
            if (offset <= consumed || offset > sent) {
                return false;
            }
            consumed = offset;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Goes back to where the peer is after a break; returns whether an honest one can be there. */
    boolean resume(long peerReceived, long peerConsumed) {
        lock.lock();
        try {
            if (peerConsumed < consumed || peerReceived < peerConsumed || peerReceived > highestSent) {
                return false;
            }
            consumed = peerConsumed;
            sent = peerReceived;
            reportSent = consumed < reportWanted ? 0 : reportWanted;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Hears that the peer has forgotten the stream, as it does when all was consumed; returns whether that can be. */
    boolean finish() {
        lock.lock();
        try {
            if (!closed || highestSent <= written) {
                return false;
            }
            consumed = highestSent;
            sent = highestSent;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the peer has consumed everything put so far, after having had {@link #wantReport()} sent. */
    void awaitConsumed() throws LinkException, InterruptedException {
        lock.lockInterruptibly();
        try {
            long target = closed ? written + 1 : written;
            while (consumed < target) {
                var over = failure;
                if (over != null) {
                    throw over.again();
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has the next frame ask the peer to tell when all has been consumed; an end asks by itself. */
    void wantReport() {
        lock.lock();
        try {
            if (consumed < written) {
                reportWanted = written;
            }
        } finally {
            lock.unlock();
        }
    }

    boolean endSent() {
        lock.lock();
        try {
            return sent > written;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the peer has consumed everything, the end too. */
    boolean finished() {
        lock.lock();
        try {
            return closed && consumed > written;
        } finally {
            lock.unlock();
        }
    }

    /** Ends it: blocked callers get this reason. Does nothing when all has been consumed, or it has failed before. */
    void fail(LinkException reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
                ring.drop();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns how much memory its bytes take now: never more than the window. */
    int capacity() {
        lock.lock();
        try {
            return ring.capacity();
        } finally {
            lock.unlock();
        }
    }
}
