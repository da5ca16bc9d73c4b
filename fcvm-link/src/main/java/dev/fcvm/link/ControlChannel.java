package dev.fcvm.link;

import dev.fcvm.link.message.MalformedMessageException;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.MessageCodec;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The control messages of a session, over its control stream: each a length of four bytes and that many bytes. Keeps one
 * message at most; the rest waits in the stream's window.
 */
final class ControlChannel {

    private final Session session;
    private final Stream stream;
    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock receiving = new ReentrantLock();
    private final byte[] header = new byte[Integer.BYTES];
    private int headerFilled;
    private byte @Nullable [] body;
    private int bodyFilled;
    private @Nullable LinkException broken;

    ControlChannel(Session session, Stream stream) {
        this.session = session;
        this.stream = stream;
    }

    void send(Message message) throws LinkException, InterruptedException {
        byte[] bytes = MessageCodec.encode(message, session.host());
        sending.lockInterruptibly();
        try {
            int done = stream.sendBuffer().put(bytes, 0, bytes.length);
            stream.pump();
            while (done < bytes.length) {
                // Half a message must be followed by its other half, interrupt or not.
                done += stream.sendBuffer().putUninterruptibly(bytes, done, bytes.length - done);
                stream.pump();
            }
        } finally {
            sending.unlock();
        }
    }

    Message receive() throws LinkException, InterruptedException {
        receiving.lockInterruptibly();
        try {
            var before = broken;
            if (before != null) {
                throw before.again();
            }
            while (headerFilled < header.length) {
                headerFilled += read(header, headerFilled);
            }
            byte[] bytes = body;
            if (bytes == null) {
                int length = ByteBuffer.wrap(header).getInt();
                if (length <= 0 || length > MessageCodec.LONGEST_MESSAGE) {
                    throw broken("a message of " + Integer.toUnsignedString(length) + " bytes");
                }
                bytes = new byte[length];
                body = bytes;
            }
            while (bodyFilled < bytes.length) {
                bodyFilled += read(bytes, bodyFilled);
            }
            headerFilled = 0;
            bodyFilled = 0;
            body = null;
            return decode(bytes);
        } finally {
            receiving.unlock();
        }
    }

    private int read(byte[] into, int filled) throws LinkException, InterruptedException {
        int count = stream.receiveBuffer().read(into, filled, into.length - filled);
        if (count < 0) {
            throw broken("the end of the control stream");
        }
        stream.pumpReceived();
        return count;
    }

    private Message decode(byte[] bytes) throws LinkException {
        try {
            return MessageCodec.decode(bytes, !session.host());
        } catch (MalformedMessageException malformed) {
            throw broken("a malformed message, " + malformed.getMessage());
        }
    }

    private LinkException broken(String what) {
        var reason = new LinkException(session.peer() + " broke the link's protocol: " + what);
        broken = reason;
        session.fail(reason);
        return reason;
    }
}
