package dev.fcvm.link;

import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * One side of a link without threads: a real session, wire and reader of frames, over a channel that keeps what is
 * written until {@link PlayedLink} delivers it. What is written to the streams is known from their offsets alone.
 */
final class PlayedSide implements Endpoint {

    /** What this side has done with one stream, and has seen of it. */
    static final class Traffic {
        long written;
        long acknowledged;
        long read;
        boolean closed;
        boolean inputClosed;
        boolean reset;
        boolean ended;
    }

    final boolean host;
    final Wire wire = new Wire();
    final Session session;
    final FrameReader frames;
    final ArrayDeque<byte[]> sent = new ArrayDeque<>();
    final Map<Integer, Traffic> traffic = new TreeMap<>();
    final Map<Integer, Stream> streams = new TreeMap<>();
    boolean pumpDue;
    private final int window;

    PlayedSide(boolean host, SessionId id, int window) {
        this.host = host;
        this.window = window;
        this.session = new Session(host, id, window, wire, this);
        this.frames = new FrameReader(2 * Protocol.LONGEST_FRAME, host ? "the guest" : "the host");
    }

    @Override
    public void pumpLater() {
        pumpDue = true;
    }

    @Override
    public void ended(Session over) {
        wire.disconnect();
    }

    void connect() {
        wire.connect(new Output());
    }

    /** Sends what reading has made due, as the endpoints do after it. */
    void pumpIfDue() {
        if (pumpDue) {
            pumpDue = false;
            session.pumpAll();
        }
    }

    Traffic of(int number) {
        return traffic.computeIfAbsent(number, none -> new Traffic());
    }

    /** Adds a stream both sides know. */
    void add(LinkStream stream) {
        streams.put(stream.number(), (Stream) stream);
        of(stream.number());
    }

    /** Writes as much of this as can be written without waiting. */
    void write(Stream stream, int wanted) throws LinkException, InterruptedException {
        var done = of(stream.number());
        int count = (int) Math.min(wanted, window - (done.written - done.acknowledged));
        if (count <= 0 || done.closed || done.reset) {
            return;
        }
        var bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = expected(host, stream.number(), done.written + i);
        }
        int taken = stream.sendBuffer().put(bytes, 0, count);
        if (taken != count) {
            throw new AssertionError("room for " + count + " bytes, and " + taken + " were taken");
        }
        done.written += count;
        stream.pump();
    }

    /** Reads what there is, at most this much, and compares. */
    void read(Stream stream, int most) throws Exception {
        var done = of(stream.number());
        int there = stream.receiveBuffer().availableNow();
        if (done.inputClosed
                || done.ended
                || most == 0
                || (there == 0 && !stream.receiveBuffer().ended())) {
            return;
        }
        var bytes = new byte[most];
        int count;
        try {
            count = stream.input().read(bytes);
        } catch (LinkException over) {
            if (!done.reset) {
                throw over;
            }
            count = -1;
        }
        if (count < 0) {
            done.ended = true;
            return;
        }
        for (int i = 0; i < count; i++) {
            if (bytes[i] != expected(!host, stream.number(), done.read + i)) {
                throw new AssertionError("stream " + stream.number() + " has another byte at " + (done.read + i));
            }
        }
        done.read += count;
    }

    /** Feeds these bytes to the reader. */
    void arrive(byte[] bytes) throws Exception {
        var channel = new Input(bytes);
        while (channel.left() > 0 && frames.read(channel) > 0) {
            takeAll();
        }
    }

    private void takeAll() throws LinkException {
        while (frames.next(session.tag()) != FrameReader.NOTHING) {
            if (frames.tag() == Protocol.MAGIC) {
                throw new LinkException("a greeting out of place");
            }
            if (frames.type() == Protocol.WINDOW) {
                of(frames.stream()).acknowledged = frames.offset();
            }
            session.accept(frames);
        }
    }

    /** Takes over from a peer's list, which stands at this buffer's position, what it has consumed. */
    void acknowledgedBy(ByteBuffer list) {
        int count = list.getShort();
        for (int i = 0; i < count; i++) {
            int number = list.getInt();
            list.get();
            list.getLong();
            of(number).acknowledged = list.getLong();
        }
    }

    /** Returns the bytes of memory the streams cost now, which is never more than their windows. */
    void checkMemory() {
        for (var stream : session.streams().live()) {
            if (stream.sendBuffer().capacity() > window
                    || stream.receiveBuffer().capacity() > window) {
                throw new AssertionError("stream " + stream.number() + " takes more memory than its window");
            }
        }
    }

    /** Returns the byte at this offset of what a side says on a stream. */
    static byte expected(boolean fromHost, int stream, long offset) {
        long mixed = (offset + 1) * 0x9E3779B97F4A7C15L + stream * 31L + (fromHost ? 7 : 0);
        return (byte) (mixed >>> 32);
    }

    /** Keeps what is written, a frame a write. */
    private final class Output implements ByteChannel {

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from) {
            var frame = new byte[from.remaining()];
            from.get(frame);
            sent.add(frame);
            return frame.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Gives these bytes and no more. */
    static final class Input implements ReadableByteChannel {

        private final ByteBuffer bytes;

        Input(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        int left() {
            return bytes.remaining();
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(into.remaining(), bytes.remaining());
            into.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
