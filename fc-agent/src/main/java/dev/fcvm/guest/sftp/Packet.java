package dev.fcvm.guest.sftp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One packet of SFTP version 3, as it is sent: its length, its type, and, but for a greeting, the number of its request.
 * Only what a relay must know of it is looked at.
 */
final class Packet {

    static final int INIT = 1;
    static final int OPEN = 3;
    static final int CLOSE = 4;
    static final int READ = 5;
    static final int WRITE = 6;
    static final int LSTAT = 7;
    static final int FSTAT = 8;
    static final int OPENDIR = 11;
    static final int READDIR = 12;
    static final int RENAME = 18;
    static final int REMOVE = 13;
    static final int MKDIR = 14;
    static final int RMDIR = 15;
    static final int READLINK = 19;
    static final int SYMLINK = 20;
    static final int EXTENDED = 200;
    static final int VERSION = 2;
    static final int STATUS = 101;
    static final int HANDLE = 102;
    static final int DATA = 103;
    static final int ATTRIBUTES = 105;

    /** The status of a read behind the end. */
    static final int END = 1;

    /** What a client takes for an I/O error: no status of version 3. */
    static final int BROKEN = 9;

    private static final int LONGEST = 256 * 1024;
    private static final int SHORTEST = 5;
    private static final int HEAD = 9;

    private final byte[] bytes;

    private Packet(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Reads the next one; null when there is none any more. */
    static @Nullable Packet read(InputStream in) throws IOException {
        byte[] size = in.readNBytes(Integer.BYTES);
        if (size.length == 0) {
            return null;
        }
        int length = size.length < Integer.BYTES ? 0 : ByteBuffer.wrap(size).getInt();
        if (length < SHORTEST || length > LONGEST) {
            throw new IOException("an SFTP packet of " + Integer.toUnsignedString(length) + " bytes");
        }
        byte[] bytes = new byte[Integer.BYTES + length];
        System.arraycopy(size, 0, bytes, 0, size.length);
        if (in.readNBytes(bytes, Integer.BYTES, length) < length) {
            throw new EOFException("an SFTP packet without its end");
        }
        return new Packet(bytes);
    }

    /** Makes one of a request or an answer. */
    static Packet of(int type, int id, byte[]... strings) {
        int length = HEAD;
        for (byte[] string : strings) {
            length += string.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length);
        out.putInt(length - Integer.BYTES).put((byte) type).putInt(id);
        for (byte[] string : strings) {
            out.put(string);
        }
        return new Packet(out.array());
    }

    /** Makes the answer that a request could not be done. */
    static Packet failure(int id) {
        return of(STATUS, id, number(BROKEN), number(0), number(0));
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    /** Returns a string with its length before it. */
    static byte[] string(byte[] value) {
        return ByteBuffer.allocate(Integer.BYTES + value.length)
                .putInt(value.length)
                .put(value)
                .array();
    }

    byte[] bytes() {
        return bytes;
    }

    int type() {
        return Byte.toUnsignedInt(bytes[Integer.BYTES]);
    }

    /** Returns the number of the request; of a greeting its version. */
    int id() {
        return ByteBuffer.wrap(bytes).getInt(SHORTEST);
    }

    /** Returns the string behind the number of the request; empty when there is none. */
    byte[] first() {
        return string(HEAD);
    }

    /** Returns the string behind {@link #first}; empty when there is none. */
    byte[] second() {
        return string(behind(HEAD));
    }

    /** Returns the string behind {@link #second}; empty when there is none. */
    byte[] third() {
        return string(behind(behind(HEAD)));
    }

    /** Returns all that is behind {@link #first}. */
    byte[] behindFirst() {
        int at = behind(HEAD);
        return at < bytes.length ? Arrays.copyOfRange(bytes, at, bytes.length) : new byte[0];
    }

    /** Returns the number behind {@link #first}; 0 when there is none. */
    int numberBehindFirst() {
        int at = behind(HEAD);
        return at + Integer.BYTES <= bytes.length ? ByteBuffer.wrap(bytes).getInt(at) : 0;
    }

    /** Returns whether it is the answer that all went well. */
    boolean isSuccess() {
        return type() == STATUS
                && bytes.length >= HEAD + Integer.BYTES
                && ByteBuffer.wrap(bytes).getInt(HEAD) == 0;
    }

    private int behind(int at) {
        return at + Integer.BYTES + string(at).length;
    }

    private byte[] string(int at) {
        if (at + Integer.BYTES > bytes.length) {
            return new byte[0];
        }
        int length = ByteBuffer.wrap(bytes).getInt(at);
        int begin = at + Integer.BYTES;
        if (length < 0 || length > bytes.length - begin) {
            return new byte[0];
        }
        return Arrays.copyOfRange(bytes, begin, begin + length);
    }
}
