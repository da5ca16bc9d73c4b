package dev.fcvm.link;

import java.nio.ByteBuffer;

/**
 * What a HELLO says.
 *
 * @param lowest the lowest version the host speaks
 * @param highest the highest one
 * @param nonce what the answer must repeat
 * @param resume whether the session has run before
 * @param list the host's streams, as {@link Streams#acceptHello} takes them
 */
record Greeting(int lowest, int highest, long nonce, SessionId id, int window, boolean resume, ByteBuffer list) {

    private static final int FIXED_BYTES = 2 + 2 + 8 + 16 + 4;

    /** Puts a HELLO that answers a knock, or none for 0. The caller holds the wire's lock. */
    static void put(ByteBuffer frame, Session session, int window, long knock, long nonce) {
        int flags = session.agreed() ? Protocol.RESUME : 0;
        Protocol.putHeader(frame, Protocol.MAGIC, Protocol.HELLO, flags, 0, 0, knock);
        frame.putShort((short) Protocol.LOWEST_VERSION).putShort((short) Protocol.HIGHEST_VERSION);
        frame.putLong(nonce).putLong(session.id().high()).putLong(session.id().low());
        frame.putInt(window);
        session.streams().list(frame);
        Protocol.finish(frame);
    }

    /** Returns what this HELLO says; its versions only, where no other field can be known. */
    static Greeting read(FrameReader frame) throws LinkException {
        var in = frame.payload();
        if (in.remaining() < FIXED_BYTES) {
            throw new LinkException("the host sent a greeting cut short");
        }
        int lowest = in.getShort() & 0xFFFF;
        int highest = in.getShort() & 0xFFFF;
        long nonce = in.getLong();
        var id = new SessionId(in.getLong(), in.getLong());
        return new Greeting(
                lowest, highest, nonce, id, in.getInt(), (frame.flags() & Protocol.RESUME) != 0, in.slice());
    }

    /** Returns the version both sides speak, or 0 when there is none. */
    int common() {
        int version = Math.min(highest, Protocol.HIGHEST_VERSION);
        return version < Math.max(lowest, Protocol.LOWEST_VERSION) ? 0 : version;
    }

    /** Returns the words for a refusal, as the host's user is to read them. */
    static LinkException refusal(FrameReader frame) {
        var in = frame.payload();
        if (in.remaining() != 6) {
            return new LinkException("the guest sent a malformed refusal");
        }
        int reason = in.getShort() & 0xFFFF;
        int lowest = in.getShort() & 0xFFFF;
        int highest = in.getShort() & 0xFFFF;
        return switch (reason) {
            case Protocol.NO_COMMON_VERSION ->
                new LinkException("the guest's agent speaks link versions " + lowest + " to " + highest + ", this fcvm "
                        + Protocol.LOWEST_VERSION + " to " + Protocol.HIGHEST_VERSION
                        + ": make the base anew with fcvm init");
            case Protocol.UNKNOWN_SESSION ->
                new LinkException("the guest's agent has ended the session, or was started anew and has lost it");
            default -> new LinkException("the guest refused the session for the unknown reason " + reason);
        };
    }
}
