package dev.fcvm.volume.sftp;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes packets, one after the other; each is sent in one piece. */
final class PacketWriter {

    private final OutputStream out;
    private byte[] bytes = new byte[1024];
    private int length;

    PacketWriter(OutputStream out) {
        this.out = out;
    }

    /** Begins a packet. */
    PacketWriter begin(int type, int request) {
        length = Integer.BYTES;
        return octet(type).number(request);
    }

    PacketWriter octet(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    PacketWriter number(int value) {
        room(Integer.BYTES);
        put(length, value);
        length += Integer.BYTES;
        return this;
    }

    PacketWriter wide(long value) {
        return number((int) (value >>> 32)).number((int) value);
    }

    PacketWriter string(byte[] value) {
        number(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    PacketWriter string(String value) {
        return string(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Makes room for so many bytes that somebody else puts into {@link #bytes}, from {@link #length} on. */
    void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Counts bytes that were put there. */
    void added(int count) {
        length += count;
    }

    /** Puts a number where one of no meaning was put before. */
    void put(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    void send() throws IOException {
        put(0, length - Integer.BYTES);
        out.write(bytes, 0, length);
        out.flush();
    }
}
