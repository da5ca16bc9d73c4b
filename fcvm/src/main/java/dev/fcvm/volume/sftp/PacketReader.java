package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.TreeException;
import dev.fcvm.host.tree.TreePath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads what is in one packet, which may lie about its lengths. */
final class PacketReader {

    private final ByteBuffer bytes;

    /** Of a packet's type and all that is behind it. */
    PacketReader(byte[] packet, int length) {
        this.bytes = ByteBuffer.wrap(packet, 0, length);
    }

    int type() throws MalformedPacket {
        need(1);
        return Byte.toUnsignedInt(bytes.get());
    }

    int number() throws MalformedPacket {
        need(Integer.BYTES);
        return bytes.getInt();
    }

    /** Returns a number of four bytes without a sign. */
    long unsigned() throws MalformedPacket {
        return Integer.toUnsignedLong(number());
    }

    /** Returns an offset or a size, which Linux counts with a sign. */
    long wide() throws MalformedPacket {
        need(Long.BYTES);
        long value = bytes.getLong();
        if (value < 0) {
            throw new MalformedPacket("a number of more than 63 bits");
        }
        return value;
    }

    /** Returns the bytes of a string, or of a handle. */
    byte[] string() throws MalformedPacket {
        byte[] copy = new byte[length()];
        bytes.get(copy);
        return copy;
    }

    /** Returns where in the packet the bytes of a string are: its length, and the place of its first. */
    Span span() throws MalformedPacket {
        int length = length();
        var span = new Span(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return span;
    }

    /** Some bytes of a packet. */
    record Span(int start, int length) {}

    String word() throws MalformedPacket {
        return new String(string(), StandardCharsets.ISO_8859_1);
    }

    TreePath path() throws MalformedPacket, TreeException {
        return TreePath.parse(string());
    }

    private int length() throws MalformedPacket {
        int length = number();
        if (length < 0 || length > bytes.remaining()) {
            throw new MalformedPacket("a string that is longer than its packet");
        }
        return length;
    }

    private void need(int count) throws MalformedPacket {
        if (bytes.remaining() < count) {
            throw new MalformedPacket("a packet that ends too early");
        }
    }
}
