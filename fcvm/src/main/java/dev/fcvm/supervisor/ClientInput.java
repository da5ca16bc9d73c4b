package dev.fcvm.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** A caller's standard input. Nothing is read from the caller's before somebody opens it. */
final class ClientInput implements ReadableByteChannel {

    /** Bytes that may be on the way. */
    static final int WINDOW = 131_072;

    private final FrameWriter writer;
    private final ByteBuffer waiting = ByteBuffer.allocate(WINDOW).flip();

    private boolean wanted;
    private int granted;
    private boolean ended;
    private boolean closed;

    ClientInput(FrameWriter writer) {
        this.writer = writer;
    }

    /** Has the caller send. */
    synchronized ReadableByteChannel open() {
        if (!wanted) {
            wanted = true;
            grant(WINDOW);
        }
        return this;
    }

    private void grant(int count) {
        granted += count;
        writer.sendNumber(Frame.Type.WANTED, count);
    }

    /** Takes what has come. */
    synchronized void add(ByteBuffer bytes) throws ProtocolException {
        if (ended || bytes.remaining() > granted) {
            throw new ProtocolException("more input than was asked for");
        }
        granted -= bytes.remaining();
        waiting.compact().put(bytes).flip();
        notifyAll();
    }

    /** Nothing more will come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        while (!waiting.hasRemaining() && !ended && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClosedByInterruptException();
            }
        }
        if (closed) {
            throw new AsynchronousCloseException();
        }
        if (!waiting.hasRemaining()) {
            return -1;
        }
        int count = Math.min(into.remaining(), waiting.remaining());
        into.put(waiting.slice(waiting.position(), count));
        waiting.position(waiting.position() + count);
        // In large pieces, so that not every key brings a frame back.
        int room = WINDOW - waiting.remaining() - granted;
        if (!ended && room >= WINDOW / 2) {
            grant(room);
        }
        return count;
    }

    @Override
    public synchronized boolean isOpen() {
        return !closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
