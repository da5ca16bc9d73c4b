package dev.fcvm.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Takes frames out of the bytes of one connection. In order, it expects frame after frame with padding between; where a
 * connection was cut it scans, byte by byte, for the one handshake frame that is awaited. Memory is one buffer, whatever
 * comes. Not thread-safe: the thread that reads the channel owns it.
 */
final class FrameReader {

    /** What a look at the bytes has brought. */
    static final int NOTHING = 0;

    static final int FRAME = 1;

    /** A HELLO that answers no knock of ours. */
    static final int STALE_HELLO = 2;

    private final ByteBuffer in;
    private final String peer;
    private int next;
    private int payload;
    private long padding;
    private long skipped;
    private boolean cut;
    private int tag;
    private byte type;
    private int flags;
    private int reserved;
    private int stream;
    private int length;
    private long offset;

    /**
     * @param capacity of the buffer: twice the longest frame or more
     * @param peer what errors call the other side
     */
    FrameReader(int capacity, String peer) {
        this.in = ByteBuffer.allocateDirect(capacity);
        this.peer = peer;
        begin();
    }

    /** Forgets everything: a new connection. */
    void begin() {
        in.clear().limit(0);
        next = 0;
        beginScan();
    }

    /** From here on frames do not follow each other: {@link #scanForWelcome} or {@link #scanForHello} comes next. */
    void beginScan() {
        skipped = 0;
        padding = 0;
        cut = false;
    }

    /** Reads what is there, waiting for at least one byte; returns how many, or 0 or less at the connection's end. */
    int read(ReadableByteChannel channel) throws IOException {
        int end = in.limit();
        if (next == end) {
            next = 0;
            end = 0;
        } else if (in.capacity() - end < Protocol.LONGEST_FRAME) {
            in.position(next);
            in.compact();
            end -= next;
            next = 0;
        }
        in.limit(in.capacity()).position(end);
        int count;
        try {
            count = channel.read(in);
        } finally {
            in.limit(in.position());
        }
        return count;
    }

    /**
     * Looks for the next frame in order: of the session, or of the handshake.
     *
     * @return {@link #NOTHING} when more bytes are needed, or {@link #FRAME}
     */
    int next(int sessionTag) throws LinkException {
        while (true) {
            skipPadding();
            if (in.limit() - next < Protocol.HEADER_BYTES) {
                return NOTHING;
            }
            header(next);
            if (tag != Protocol.MAGIC && (tag != sessionTag || cut)) {
                if (cut) {
                    throw new LinkException(peer + " sent bytes that are no frame");
                }
                // A header cut in its first bytes and filled up with padding: let the rest tell whether it is one.
                length = 0;
            }
            if (length < 0 || length > Protocol.LONGEST_PAYLOAD) {
                throw new LinkException(peer + " sent a frame of " + Integer.toUnsignedString(length)
                        + " bytes, more than " + Protocol.LONGEST_PAYLOAD);
            }
            int size = Protocol.HEADER_BYTES + length + Protocol.TRAILER_BYTES;
            if (in.limit() - next < size) {
                return NOTHING;
            }
            boolean whole = (tag == sessionTag || tag == Protocol.MAGIC)
                    && in.getInt(next + size - Protocol.TRAILER_BYTES) == tag;
            take(size);
            if (whole) {
                cut = false;
                return FRAME;
            }
            cut = true;
        }
    }

    private void skipPadding() throws LinkException {
        int end = in.limit();
        int from = next;
        while (end - next >= Long.BYTES && in.getLong(next) == 0) {
            next += Long.BYTES;
        }
        while (next < end && in.get(next) == 0) {
            next++;
        }
        padding += next - from;
        if (padding > Protocol.LONGEST_PADDING) {
            throw new LinkException(peer + " sent padding without end");
        }
    }

    private void take(int size) {
        payload = next + Protocol.HEADER_BYTES;
        next += size;
        padding = 0;
    }

    private void header(int at) {
        tag = in.getInt(at);
        type = in.get(at + 4);
        flags = in.get(at + 5) & 0xFF;
        reserved = in.getShort(at + 6);
        stream = in.getInt(at + 8);
        length = in.getInt(at + 12);
        offset = in.getLong(at + 16);
    }

    /**
     * Looks for the answer to a HELLO, or a KNOCK, dropping everything else.
     *
     * @param nonce the HELLO's, or 0 when none has been sent
     */
    int scanForWelcome(long nonce) throws LinkException {
        while (findMagic()) {
            boolean answer = (type == Protocol.WELCOME || type == Protocol.REFUSE) && nonce != 0 && offset == nonce;
            boolean knock = type == Protocol.KNOCK && length == 0;
            if (answer || knock) {
                int found = completeScanned();
                if (found != STALE_HELLO) {
                    return found;
                }
            }
            skip();
        }
        return NOTHING;
    }

    /**
     * Looks for the HELLO that answers a KNOCK, dropping everything else.
     *
     * @return also {@link #STALE_HELLO}, for one that answers another
     */
    int scanForHello(long knock) throws LinkException {
        while (findMagic()) {
            if (type == Protocol.HELLO) {
                int found = offset == knock ? completeScanned() : STALE_HELLO;
                if (found == STALE_HELLO) {
                    skip();
                }
                return found;
            }
            skip();
        }
        return NOTHING;
    }

    /** Goes on to the next place that looks like a handshake's header; returns whether there is one yet. */
    private boolean findMagic() throws LinkException {
        byte first = (byte) (Protocol.MAGIC >>> 24);
        while (in.limit() - next >= Protocol.HEADER_BYTES) {
            if (in.get(next) == first && in.getInt(next) == Protocol.MAGIC) {
                header(next);
                return true;
            }
            skip();
        }
        return false;
    }

    private void skip() throws LinkException {
        next++;
        if (++skipped > Protocol.LONGEST_SCAN) {
            throw new LinkException(peer + " sent " + skipped + " bytes without an answer to the greeting");
        }
    }

    /** Returns FRAME for a whole frame, NOTHING while it is not, STALE_HELLO when it turns out to be cut. */
    private int completeScanned() {
        if (length < 0 || length > Protocol.LONGEST_PAYLOAD) {
            return STALE_HELLO;
        }
        int size = Protocol.HEADER_BYTES + length + Protocol.TRAILER_BYTES;
        if (in.limit() - next < size) {
            return NOTHING;
        }
        if (in.getInt(next + size - Protocol.TRAILER_BYTES) != Protocol.MAGIC) {
            return STALE_HELLO;
        }
        take(size);
        return FRAME;
    }

    int tag() {
        return tag;
    }

    byte type() {
        return type;
    }

    int flags() {
        return flags;
    }

    int reserved() {
        return reserved;
    }

    int stream() {
        return stream;
    }

    int length() {
        return length;
    }

    long offset() {
        return offset;
    }

    /** Copies payload bytes, from this one on, to a place in an array. */
    void copy(int from, byte[] to, int at, int count) {
        in.get(payload + from, to, at, count);
    }

    /** Returns a copy of the whole payload. */
    ByteBuffer payload() {
        byte[] bytes = new byte[length];
        copy(0, bytes, 0, length);
        return ByteBuffer.wrap(bytes);
    }
}
