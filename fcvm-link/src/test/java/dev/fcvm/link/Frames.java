package dev.fcvm.link;

import java.nio.ByteBuffer;

/** Frames put together by hand, honest or not. */
final class Frames {

    private Frames() {}

    static byte[] frame(int tag, int type, int flags, int stream, long offset, byte... payload) {
        return raw(tag, type, flags, 0, stream, payload.length, offset, payload, tag);
    }

    static byte[] raw(
            int tag, int type, int flags, int reserved, int stream, int length, long offset, byte[] payload, int end) {
        var frame = ByteBuffer.allocate(Protocol.HEADER_BYTES + payload.length + Protocol.TRAILER_BYTES);
        frame.putInt(tag).put((byte) type).put((byte) flags).putShort((short) reserved);
        frame.putInt(stream).putInt(length).putLong(offset).put(payload).putInt(end);
        return frame.array();
    }

    static byte[] data(int tag, int stream, long offset, byte... payload) {
        return frame(tag, Protocol.DATA, 0, stream, offset, payload);
    }

    /** A control message that is not what it should be, as the first on its stream. */
    static byte[] message(int tag, byte... body) {
        return data(
                tag,
                Protocol.CONTROL,
                0,
                ByteBuffer.allocate(Integer.BYTES + body.length)
                        .putInt(body.length)
                        .put(body)
                        .array());
    }

    static byte[] knock(long number) {
        return frame(Protocol.MAGIC, Protocol.KNOCK, 0, 0, number);
    }

    static byte[] hello(int lowest, int highest, long knock, SessionId id, int window, boolean resume, byte... list) {
        var payload = ByteBuffer.allocate(32 + list.length);
        payload.putShort((short) lowest).putShort((short) highest).putLong(77);
        payload.putLong(id.high()).putLong(id.low()).putInt(window).put(list);
        return frame(Protocol.MAGIC, Protocol.HELLO, resume ? Protocol.RESUME : 0, 0, knock, payload.array());
    }

    static byte[] welcome(long nonce, int version, byte... list) {
        var payload = ByteBuffer.allocate(Short.BYTES + list.length)
                .putShort((short) version)
                .put(list);
        return frame(Protocol.MAGIC, Protocol.WELCOME, 0, 0, nonce, payload.array());
    }

    static byte[] refusal(long nonce, int reason) {
        var payload = ByteBuffer.allocate(6).putShort((short) reason).putShort((short) 2);
        return frame(
                Protocol.MAGIC,
                Protocol.REFUSE,
                0,
                0,
                nonce,
                payload.putShort((short) 3).array());
    }

    /** The list of a WELCOME: of each stream its number, flags, received, consumed. */
    static byte[] list(long... fields) {
        int count = fields.length / 4;
        var list = ByteBuffer.allocate(Short.BYTES + count * Protocol.LISTED_BYTES);
        list.putShort((short) count);
        for (int i = 0; i < fields.length; i += 4) {
            list.putInt((int) fields[i])
                    .put((byte) fields[i + 1])
                    .putLong(fields[i + 2])
                    .putLong(fields[i + 3]);
        }
        return list.array();
    }

    /** The list of a HELLO: as that of a WELCOME, behind the highest number given to a stream. */
    static byte[] helloList(int opened, long... fields) {
        return join(ByteBuffer.allocate(Integer.BYTES).putInt(opened).array(), list(fields));
    }

    static byte[] join(byte[]... parts) {
        int size = 0;
        for (byte[] part : parts) {
            size += part.length;
        }
        var all = ByteBuffer.allocate(size);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
