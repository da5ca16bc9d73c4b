package dev.fcvm.link;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongSupplier;

/**
 * Connections as a socket makes them: each dial of the host's makes a new pair, whose other end the guest's next dial
 * gets. A pair breaks by itself after a number of bytes in either direction: those are delivered, what follows is lost.
 */
final class SocketCable implements AutoCloseable {

    private static final int CAPACITY = 8 * 1024;

    private final LongSupplier toGuestLimits;
    private final LongSupplier toHostLimits;
    private final LinkedBlockingQueue<ByteChannel> waiting = new LinkedBlockingQueue<>();
    private volatile boolean closed;
    private volatile int dialled;

    SocketCable(LongSupplier toGuestLimits, LongSupplier toHostLimits) {
        this.toGuestLimits = toGuestLimits;
        this.toHostLimits = toHostLimits;
    }

    static SocketCable unbroken() {
        return new SocketCable(() -> Long.MAX_VALUE, () -> Long.MAX_VALUE);
    }

    synchronized ByteChannel dialHost() throws IOException {
        if (closed) {
            throw new IOException("the cable is gone");
        }
        dialled++;
        var toGuest = new ByteQueue(CAPACITY, toGuestLimits.getAsLong());
        var toHost = new ByteQueue(CAPACITY, toHostLimits.getAsLong());
        waiting.add(new End(toGuest, toHost));
        return new End(toHost, toGuest);
    }

    ByteChannel dialGuest() throws InterruptedException {
        return waiting.take();
    }

    int dialled() {
        return dialled;
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One end of a pair. */
    private static final class End implements ByteChannel {

        private final ByteQueue in;
        private final ByteQueue out;
        private volatile boolean open = true;

        End(ByteQueue in, ByteQueue out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            try {
                if (!open) {
                    throw new ClosedChannelException();
                }
                int count = in.read(into);
                if (!open) {
                    throw new AsynchronousCloseException();
                }
                return count;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                close();
                throw new InterruptedIOException();
            }
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            try {
                int count = open ? out.write(from) : -1;
                if (count < 0) {
                    close();
                    throw new IOException("broken pipe");
                }
                return count;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                close();
                throw new InterruptedIOException();
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
            in.close();
            out.close();
        }
    }
}
