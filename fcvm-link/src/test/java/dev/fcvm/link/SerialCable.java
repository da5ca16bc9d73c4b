package dev.fcvm.link;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * A virtio-serial port as QEMU and Linux make it: one pipe each way that knows no connections. The host's socket comes
 * and goes; when it goes, some of the bytes under way are lost, in either direction, so that a frame may be cut anywhere;
 * and the guest's reader may see an end of file, or nothing. When the guest reopens its port, what had come is lost.
 */
final class SerialCable implements AutoCloseable {

    private static final int CAPACITY = 8 * 1024;

    private final Random random;
    private final LongSupplier hostLimits;
    private final ByteQueue toGuest = new ByteQueue(CAPACITY, Long.MAX_VALUE);
    private final ByteQueue toHost = new ByteQueue(CAPACITY, Long.MAX_VALUE);
    private HostEnd host;
    private GuestEnd guest;
    private boolean closed;

    /**
     * Makes one.
     *
     * @param hostLimits after how many bytes, both ways together, each of the host's connections breaks
     */
    SerialCable(long seed, LongSupplier hostLimits) {
        this.random = new Random(seed);
        this.hostLimits = hostLimits;
        this.host = new HostEnd(0);
        this.guest = new GuestEnd();
        this.host.open = false;
        this.guest.open = false;
    }

    synchronized ByteChannel dialHost() throws IOException {
        if (closed) {
            throw new IOException("the cable is gone");
        }
        host = new HostEnd(hostLimits.getAsLong());
        notifyAll();
        return host;
    }

    /** Opens the port; returns once there is a host. */
    synchronized ByteChannel dialGuest() throws InterruptedException {
        while (!host.open) {
            wait();
        }
        toGuest.lose(random.nextInt(CAPACITY));
        guest = new GuestEnd();
        return guest;
    }

    /** Ends the agent's hold of the port without a word to the host, as its death does. */
    synchronized void killGuest() {
        guest.close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        host.close();
        notifyAll();
    }

    private synchronized void hostGone(HostEnd gone) {
        if (!gone.open) {
            return;
        }
        gone.open = false;
        toGuest.keep(random.nextInt(CAPACITY));
        toHost.lose(random.nextInt(CAPACITY));
        guest.endSeen |= random.nextBoolean();
        notifyAll();
    }

    private abstract class End implements ByteChannel {

        volatile boolean open = true;

        @Override
        public boolean isOpen() {
            return open;
        }

        /** Moves bytes without holding anything but the cable's lock; waits for a change where none can be moved. */
        int move(ByteBuffer buffer, boolean reading, ByteQueue queue) throws IOException {
            synchronized (SerialCable.this) {
                try {
                    while (true) {
                        if (!open) {
                            throw new AsynchronousCloseException();
                        }
                        int now = step(buffer, reading, queue);
                        if (now != 0) {
                            SerialCable.this.notifyAll();
                            return now;
                        }
                        SerialCable.this.wait();
                    }
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    close();
                    throw new InterruptedIOException();
                }
            }
        }

        int step(ByteBuffer buffer, boolean reading, ByteQueue queue) throws IOException, InterruptedException {
            boolean possible = reading ? queue.size() > 0 : queue.size() < CAPACITY;
            if (!possible) {
                return 0;
            }
            return reading ? queue.read(buffer) : queue.write(buffer);
        }
    }

    private final class HostEnd extends End {

        private long left;

        HostEnd(long limit) {
            this.left = limit;
        }

        @Override
        int step(ByteBuffer buffer, boolean reading, ByteQueue queue) throws IOException, InterruptedException {
            if (left == 0) {
                close();
                throw new ClosedChannelException();
            }
            int all = buffer.limit();
            buffer.limit((int) Math.min(all, buffer.position() + left));
            int count = super.step(buffer, reading, queue);
            buffer.limit(all);
            left -= count;
            return count;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return move(into, true, toHost);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return move(from, false, toGuest);
        }

        @Override
        public void close() {
            hostGone(this);
        }
    }

    private final class GuestEnd extends End {

        boolean endSeen;

        @Override
        int step(ByteBuffer buffer, boolean reading, ByteQueue queue) throws IOException, InterruptedException {
            if (reading && endSeen && queue.size() == 0) {
                return -1;
            }
            // Writes wait for a host, as the kernel has them wait.
            return reading || host.open ? super.step(buffer, reading, queue) : 0;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return move(into, true, toGuest);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return move(from, false, toHost);
        }

        @Override
        public void close() {
            synchronized (SerialCable.this) {
                open = false;
                SerialCable.this.notifyAll();
            }
        }
    }
}
