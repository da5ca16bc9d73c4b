package dev.fcvm.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** The other end of an endpoint's channel, in the hands of a test that may send what it likes. */
final class HostilePeer implements AutoCloseable {

    private final ByteChannel channel;
    private final FrameReader in;
    private long nonce;
    private SessionId id = new SessionId(0, 0);

    private HostilePeer(ByteChannel channel, String peer) {
        this.channel = channel;
        this.in = new FrameReader(2 * Protocol.LONGEST_FRAME, peer);
    }

    /** A guest that has been greeted. */
    static HostilePeer guest(SocketCable cable) throws Exception {
        var peer = new HostilePeer(cable.dialGuest(), "the host");
        peer.awaitHello(0);
        return peer;
    }

    /** A host at whose door the guest has knocked. */
    static HostilePeer host(SocketCable cable) throws Exception {
        var peer = new HostilePeer(cable.dialHost(), "the guest");
        while (peer.in.scanForWelcome(0) == FrameReader.NOTHING) {
            peer.fill();
        }
        peer.nonce = peer.in.offset();
        return peer;
    }

    /** Waits for the HELLO that answers this knock. */
    void awaitHello(long knock) throws IOException {
        while (in.scanForHello(knock) != FrameReader.FRAME) {
            fill();
        }
        var hello = Greeting.read(in);
        nonce = hello.nonce();
        id = hello.id();
    }

    private void fill() throws IOException {
        if (in.read(channel) <= 0) {
            throw new IOException("the endpoint has closed the channel");
        }
    }

    /** Returns the host's nonce, or the guest's knock. */
    long nonce() {
        return nonce;
    }

    /** Returns the tag of the session that was greeted. */
    int tag() {
        return Protocol.tag(id);
    }

    /** Sends these bytes; returns whether the endpoint still took them. */
    boolean send(byte... bytes) {
        var buffer = ByteBuffer.wrap(bytes);
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    /** Reads what the endpoint says in its session until it has said this many bytes of stream 1. */
    void awaitData(int count) throws IOException {
        int got = 0;
        while (got < count) {
            while (in.next(tag()) == FrameReader.NOTHING) {
                fill();
            }
            if (in.type() == Protocol.DATA && in.stream() == 1) {
                got += in.length();
            }
        }
    }

    /** Reads and drops until the channel is closed, at either end; returns how many bytes. */
    long drain() {
        var buffer = ByteBuffer.allocate(4096);
        long total = 0;
        try {
            for (int count = channel.read(buffer); count > 0; count = channel.read(buffer)) {
                total += count;
                buffer.clear();
            }
        } catch (IOException closed) {
            return total;
        }
        return total;
    }

    /** Waits for a REFUSE of the HELLO with this nonce. */
    void awaitRefusal(long of) throws IOException {
        while (in.scanForWelcome(of) != FrameReader.FRAME || in.type() != Protocol.REFUSE) {
            fill();
        }
    }

    /** Breaks the channel. */
    void hangUp() throws IOException {
        channel.close();
    }

    @Override
    public void close() throws IOException {
        hangUp();
    }
}
