package dev.fcvm.link;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the guest says to make a session: KNOCK, WELCOME or REFUSE. One plain class and no lambdas, whose first linking
 * would show in an emulated guest's start.
 */
final class Answer implements Wire.Composer {

    private final byte type;
    private final long number;
    private final int code;
    private final @Nullable Session session;

    private Answer(byte type, long number, int code, @Nullable Session session) {
        this.type = type;
        this.number = number;
        this.code = code;
        this.session = session;
    }

    /** Asks for a HELLO that repeats this number. */
    static Answer knock(long number) {
        return new Answer(Protocol.KNOCK, number, 0, null);
    }

    /** Accepts a HELLO. */
    static Answer welcome(Session session, int version, long nonce) {
        return new Answer(Protocol.WELCOME, nonce, version, session);
    }

    /** Refuses a HELLO. */
    static Answer refusal(int reason, long nonce) {
        return new Answer(Protocol.REFUSE, nonce, reason, null);
    }

    @Override
    public void compose(ByteBuffer frame) {
        Protocol.putHeader(frame, Protocol.MAGIC, type, 0, 0, 0, number);
        if (type != Protocol.KNOCK) {
            frame.putShort((short) code);
        }
        if (type == Protocol.REFUSE) {
            frame.putShort((short) Protocol.LOWEST_VERSION).putShort((short) Protocol.HIGHEST_VERSION);
        }
        if (session != null) {
            session.streams().list(frame);
        }
        Protocol.finish(frame);
    }
}
