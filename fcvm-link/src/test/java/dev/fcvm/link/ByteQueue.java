package dev.fcvm.link;

import java.nio.ByteBuffer;

/** A bounded pipe of bytes in memory, which can be cut after a number of them. */
final class ByteQueue {

    private final byte[] ring;
    private int start;
    private int size;
    private long left;
    private boolean closed;

    /** Makes one that takes {@code limit} bytes and loses all that come after. */
    ByteQueue(int capacity, long limit) {
        this.ring = new byte[capacity];
        this.left = limit;
    }

    /** Writes one byte or more, waiting for room; returns how many, or -1 when it is closed or the limit is reached. */
    synchronized int write(ByteBuffer from) throws InterruptedException {
        while (size == ring.length && !closed) {
            wait();
        }
        if (closed || left == 0) {
            return -1;
        }
        int count = (int) Math.min(Math.min(from.remaining(), ring.length - size), left);
        for (int i = 0; i < count; i++) {
            ring[(start + size) % ring.length] = from.get();
            size++;
        }
        left -= count;
        notifyAll();
        return count;
    }

    /** Reads what is there, waiting for it; returns how many bytes, or -1 when it is closed and empty. */
    synchronized int read(ByteBuffer into) throws InterruptedException {
        while (size == 0 && !closed) {
            wait();
        }
        if (size == 0) {
            return -1;
        }
        int count = Math.min(into.remaining(), size);
        for (int i = 0; i < count; i++) {
            into.put(ring[start]);
            start = (start + 1) % ring.length;
            size--;
        }
        notifyAll();
        return count;
    }

    /** Drops what is in it but for this many of the oldest bytes. */
    synchronized void keep(int count) {
        size = Math.min(size, count);
        notifyAll();
    }

    /** Drops this many of the oldest bytes. */
    synchronized void lose(int count) {
        int lost = Math.min(size, count);
        start = (start + lost) % ring.length;
        size -= lost;
        notifyAll();
    }

    synchronized int size() {
        return size;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
