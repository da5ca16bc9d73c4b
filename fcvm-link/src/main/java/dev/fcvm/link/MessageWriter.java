package dev.fcvm.link;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Puts the fields of a message together. */
final class MessageWriter {

    private byte[] bytes = new byte[64];
    private int size = Integer.BYTES;

    MessageWriter kind(byte kind) {
        reserve(1);
        bytes[size++] = kind;
        return this;
    }

    MessageWriter number(int number) {
        reserve(Integer.BYTES);
        ByteBuffer.wrap(bytes).putInt(size, number);
        size += Integer.BYTES;
        return this;
    }

    MessageWriter wide(long number) {
        reserve(Long.BYTES);
        ByteBuffer.wrap(bytes).putLong(size, number);
        size += Long.BYTES;
        return this;
    }

    MessageWriter text(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        number(encoded.length);
        reserve(encoded.length);
        System.arraycopy(encoded, 0, bytes, size, encoded.length);
        size += encoded.length;
        return this;
    }

    MessageWriter texts(List<String> texts) {
        number(texts.size());
        for (String text : texts) {
            text(text);
        }
        return this;
    }

    /** Returns the message behind its length. */
    byte[] finish() {
        ByteBuffer.wrap(bytes).putInt(0, size - Integer.BYTES);
        return Arrays.copyOf(bytes, size);
    }

    private void reserve(int count) {
        if (count > Protocol.LONGEST_MESSAGE + Integer.BYTES - size) {
            throw new IllegalArgumentException("the message is longer than " + Protocol.LONGEST_MESSAGE
                    + " bytes: pass a smaller environment, or put it into a file of the image");
        }
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
    }
}
