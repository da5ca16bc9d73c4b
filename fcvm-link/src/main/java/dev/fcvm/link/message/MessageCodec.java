package dev.fcvm.link.message;

import java.nio.ByteBuffer;

/**
 * Messages as bytes: one for the kind, then the fields in order. Integers are big-endian; a text is its length in UTF-8
 * bytes and those; a list is its length and its elements; what may be absent has a number before it, 0 or 1.
 *
 * <p>Kinds are told apart with {@code instanceof}, not with a switch over types: the first such switch costs tens of
 * milliseconds of linking, which is seconds in an emulated guest.
 */
public final class MessageCodec {

    /** The most characters of a text that is shown to the user. */
    public static final int LONGEST_SHOWN = 4096;

    static final int HIGHEST_SIGNAL = 64;

    /**
     * The longest control message, its length prefix not counted: a plan and an environment, which together hold what
     * Linux lets a program have of both, 2 MiB (execve(2)), and JSON's signs besides.
     */
    public static final int LONGEST_MESSAGE = 6 * 1024 * 1024;

    private MessageCodec() {}

    /**
     * Returns the message with its length before it.
     *
     * @throws IllegalArgumentException when it is too long, or not of the side that wants to say it
     */
    public static byte[] encode(Message message, boolean fromHost) {
        if (fromHost != (message instanceof Message.FromHost)) {
            throw new IllegalArgumentException("this message is the other side's to send: " + message);
        }
        var out = new MessageWriter();
        if (fromHost) {
            HostMessages.put(message, out);
        } else {
            GuestMessages.put(message, out);
        }
        return out.finish();
    }

    /** Returns the message these bytes are, of the side that may have sent it. */
    public static Message decode(byte[] bytes, boolean fromHost) throws MalformedMessageException {
        var in = new MessageReader(ByteBuffer.wrap(bytes));
        byte kind = in.kind();
        var message = fromHost ? HostMessages.take(kind, in) : GuestMessages.take(kind, in);
        in.finish();
        return message;
    }

    static MalformedMessageException unknown(byte kind) {
        return new MalformedMessageException("of the unknown kind " + kind);
    }
}
