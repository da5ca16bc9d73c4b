package dev.fcvm.link;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a stream: holds what has come and has not been read, never more than the window. Offsets as in
 * {@link SendBuffer}.
 */
final class ReceiveBuffer {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int window;
    private final Ring ring;
    private long consumed;
    private long received;
    private long announced;
    private long reportAt;
    private boolean ended;
    private boolean discarding;
    private boolean drained;
    private boolean cut;
    private @Nullable LinkException failure;

    ReceiveBuffer(int window) {
        this.window = window;
        this.ring = new Ring(window);
    }

    /** Takes what a DATA frame brings; returns what is wrong with it, or null. */
    @Nullable String accept(FrameReader frame) {
        int length = frame.length();
        boolean end = (frame.flags() & Protocol.END) != 0;
        lock.lock();
        try {
            if (failure != null) {
                return null;
            }
            if (ended) {
                return "data after the end";
            }
            if (frame.offset() != received) {
                return "data at offset " + frame.offset() + " where " + received + " was due";
            }
            if (length > announced + window - received) {
                return "data beyond the window";
            }
            if (length == 0 && frame.flags() == 0) {
                return "an empty frame";
            }
            if (discarding) {
                received += length;
            } else {
                store(frame, length);
            }
            ended = end;
            if (end) {
                received++;
            }
            if ((frame.flags() & Protocol.REPORT) != 0) {
                reportAt = received;
            }
            if (discarding) {
                consumed = received;
            }
            changed.signalAll();
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void store(FrameReader frame, int length) {
        ring.reserve(consumed, received, received + length);
        int done = 0;
        while (done < length) {
            int run = ring.run(received, length - done);
            frame.copy(done, ring.bytes(), ring.index(received), run);
            received += run;
            done += run;
        }
    }

    /** Reads at least one byte, waiting for it; returns how many, or -1 at the end. */
    int read(byte[] into, int start, int length) throws LinkException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (available() == 0) {
                if (drained || (ended && !cut)) {
                    consumed = received;
                    drained = true;
                    return -1;
                }
                var over = failure;
                if (over != null) {
                    throw over.again();
                }
                changed.await();
            }
            int count = Math.min(length, available());
            int done = 0;
            while (done < count) {
                int run = ring.run(consumed, count - done);
                System.arraycopy(ring.bytes(), ring.index(consumed), into, start + done, run);
                consumed += run;
                done += run;
            }
            if (ended && available() == 0) {
                // The end is consumed with the last byte: many a reader knows how much to expect and asks no further.
                consumed = received;
                drained = true;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private int available() {
        return (int) (received - consumed) - (ended && consumed < received ? 1 : 0);
    }

    /** Returns how many bytes can be read without waiting. */
    int availableNow() {
        lock.lock();
        try {
            return available();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the end has come, read or not. */
    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Consumes and drops what is there and all that will come. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            consumed = received;
            drained = true;
            ring.drop();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the peer is to be told how much has been consumed. */
    boolean due() {
        lock.lock();
        try {
            return dueLocked();
        } finally {
            lock.unlock();
        }
    }

    private boolean dueLocked() {
        if (consumed == announced || failure != null) {
            return false;
        }
        return consumed - announced >= Math.max(1, window / 2)
                || (consumed >= reportAt && announced < reportAt)
                || (ended && consumed == received);
    }

    /** Puts a WINDOW frame when one is due; returns whether there was one. */
    boolean fill(ByteBuffer frame, int tag, int stream) {
        lock.lock();
        try {
            if (!dueLocked()) {
                return false;
            }
            Protocol.putBare(frame, tag, Protocol.WINDOW, stream, consumed);
            announced = consumed;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Puts the two offsets a list in HELLO and WELCOME has. */
    void list(ByteBuffer frame) {
        lock.lock();
        try {
            frame.putLong(received).putLong(consumed);
            announced = consumed;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether everything, the end too, has been consumed and the peer has been told so. */
    boolean finished() {
        lock.lock();
        try {
            return ended && announced == received;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends it: readers get this reason once they have read what came before, or at once when it is cut.
     *
     * @param atOnce whether what has not been read is dropped
     */
    void fail(LinkException reason, boolean atOnce) {
        lock.lock();
        try {
            if (failure == null && !drained) {
                failure = reason;
                if (atOnce) {
                    cut = true;
                    consumed = received;
                    ring.drop();
                }
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
