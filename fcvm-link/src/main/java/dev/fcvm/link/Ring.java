package dev.fcvm.link;

/**
 * Storage for the bytes of a stream between two offsets, growing up to the window. Not thread-safe: its owner's lock
 * guards it. An offset lies at {@code bytes()[index(offset)]}, and {@link #run} tells how far one may go on from there.
 */
final class Ring {

    private static final int FIRST_CAPACITY = 4096;
    private static final byte[] NOTHING = {};

    private final int window;
    private byte[] bytes = NOTHING;

    Ring(int window) {
        this.window = window;
    }

    byte[] bytes() {
        return bytes;
    }

    int index(long offset) {
        return (int) (offset % bytes.length);
    }

    /** Returns how many of the {@code length} bytes from this offset lie together. */
    int run(long offset, int length) {
        return Math.min(length, bytes.length - index(offset));
    }

    /** Makes room for the bytes up to {@code newEnd}, keeping those from {@code start} to {@code end}. */
    void reserve(long start, long end, long newEnd) {
        long needed = newEnd - start;
        if (needed <= bytes.length) {
            return;
        }
        if (needed > window) {
            throw new IllegalStateException("more bytes than the window");
        }
        long capacity = Math.max(FIRST_CAPACITY, bytes.length);
        while (capacity < needed) {
            capacity *= 2;
        }
        byte[] grown = new byte[(int) Math.min(capacity, window)];
        for (long at = start; at < end; ) {
            int to = (int) (at % grown.length);
            int count = Math.min(run(at, (int) (end - at)), grown.length - to);
            System.arraycopy(bytes, index(at), grown, to, count);
            at += count;
        }
        bytes = grown;
    }

    /** Returns how much memory it takes now. */
    int capacity() {
        return bytes.length;
    }

    /** Gives the storage back; what it held is gone. */
    void drop() {
        bytes = NOTHING;
    }
}
