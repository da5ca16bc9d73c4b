package dev.fcvm.net.port;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A question to a server on a Unix socket, one a connection: its end is the closing of the writing side, as is that of
 * the answer.
 *
 * @param socket the server's
 * @param server what messages call it
 * @param patience how long an answer may take
 */
public record Exchange(Path socket, String server, Duration patience) {

    /** More bytes no answer has. */
    private static final int MOST = 1 << 20;

    /**
     * Asks, and returns the whole answer.
     *
     * @throws SocketTimeoutException when it does not come in time
     */
    public byte[] ask(String question) throws IOException {
        var late = new AtomicBoolean();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread clock = Thread.ofVirtual().name("exchange-clock").start(() -> closeLate(channel, late));
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                write(channel, question);
                channel.shutdownOutput();
                return whole(channel, MOST);
            } finally {
                clock.interrupt();
            }
        } catch (ClosedChannelException e) {
            if (!late.get()) {
                throw e;
            }
            var unanswered =
                    new SocketTimeoutException(server + " does not answer within " + patience.toSeconds() + " s");
            unanswered.initCause(e);
            throw unanswered;
        }
    }

    /** Nothing but its closing ends the waiting of who reads from such a socket, or connects to it. */
    private void closeLate(SocketChannel channel, AtomicBoolean late) {
        try {
            Thread.sleep(patience);
            late.set(true);
            channel.close();
        } catch (InterruptedException answered) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the socket to " + server, e);
        }
    }

    /** Writes all of it. */
    public static void write(ByteChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads to the end, which must come within so many bytes. */
    public static byte[] whole(ByteChannel channel, int most) throws IOException {
        var read = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(4096);
        while (channel.read(piece) >= 0) {
            read.write(piece.array(), 0, piece.position());
            piece.clear();
            if (read.size() > most) {
                throw new IOException("the other side does not end its words");
            }
        }
        return read.toByteArray();
    }
}
