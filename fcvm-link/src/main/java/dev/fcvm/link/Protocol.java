package dev.fcvm.link;

import java.nio.ByteBuffer;

/** The numbers of the wire format, as docs/link-protocol.md lists them. */
final class Protocol {

    /** The lowest and the highest version this code speaks. */
    static final int LOWEST_VERSION = 2;

    static final int HIGHEST_VERSION = 2;

    /** Tag of the frames that make a session: HELLO, WELCOME, REFUSE, KNOCK. Its first byte is not zero. */
    static final int MAGIC = 0xFC4C4E4B;

    static final int HEADER_BYTES = 24;
    static final int TRAILER_BYTES = 4;

    /** The longest frame: what Linux's virtio-serial driver takes in one write. */
    static final int LONGEST_FRAME = 32 * 1024;

    static final int LONGEST_PAYLOAD = LONGEST_FRAME - HEADER_BYTES - TRAILER_BYTES;

    static final byte DATA = 1;
    static final byte WINDOW = 2;
    static final byte RESET = 3;
    static final byte OPEN = 4;
    static final byte HELLO = 16;
    static final byte WELCOME = 17;
    static final byte REFUSE = 18;
    static final byte KNOCK = 19;

    /** Flag of DATA: nothing follows on this stream. Takes one unit of offset, after the payload's. */
    static final int END = 1;

    /** Flag of DATA: say at once when everything up to here has been consumed. */
    static final int REPORT = 2;

    /** Flag of HELLO: the session has run before, so its state is needed. */
    static final int RESUME = 1;

    /** Flag of a stream in HELLO and WELCOME: the sender of the list has reset it. */
    static final int WAS_RESET = 1;

    /** Bytes of one stream in the list of HELLO and WELCOME: number, flags, received, consumed. */
    static final int LISTED_BYTES = 4 + 1 + 8 + 8;

    /** Reasons of REFUSE. */
    static final int NO_COMMON_VERSION = 1;

    static final int UNKNOWN_SESSION = 2;

    /** Number of the stream that carries the control messages. */
    static final int CONTROL = 0;

    /** The most streams at a time, besides the control stream. */
    static final int MOST_STREAMS = 256;

    static final int SMALLEST_WINDOW = 16;
    static final int LARGEST_WINDOW = 16 * 1024 * 1024;

    /** Zero bytes in a row after which a peer is taken for broken; an honest one sends two frames of them at most. */
    static final int LONGEST_PADDING = 1024 * 1024;

    /** Bytes that may be in flight from before a reconnect; more without a handshake, and the peer is broken. */
    static final int LONGEST_SCAN = 64 * 1024 * 1024;

    private Protocol() {}

    /** Returns the tag of a session's frames: neither the magic one, nor beginning with a zero byte. */
    static int tag(SessionId id) {
        int tag = (int) id.low() | 0x01_00_00_00;
        return tag == MAGIC ? 0x01_00_00_00 : tag;
    }

    static void putHeader(ByteBuffer frame, int tag, byte type, int flags, int stream, int length, long offset) {
        frame.putInt(tag).put(type).put((byte) flags).putShort((short) 0);
        frame.putInt(stream).putInt(length).putLong(offset);
    }

    /** Completes a handshake frame: its length, and the trailer. */
    static void finish(ByteBuffer frame) {
        frame.putInt(12, frame.position() - HEADER_BYTES);
        frame.putInt(MAGIC);
    }

    /** Puts a whole frame without payload. */
    static void putBare(ByteBuffer frame, int tag, byte type, int stream, long offset) {
        putHeader(frame, tag, type, 0, stream, 0, offset);
        frame.putInt(tag);
    }
}
