package dev.fcvm.link.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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

    MessageWriter flag(boolean flag) {
        return number(flag ? 1 : 0);
    }

    MessageWriter size(TerminalSize size) {
        return number(size.columns()).number(size.rows());
    }

    MessageWriter terminal(Optional<TerminalSize> terminal) {
        flag(terminal.isPresent());
        return terminal.isPresent() ? size(terminal.get()) : this;
    }

    /** Puts a text fit to be shown on a terminal: control characters replaced, and cut to a bearable length. */
    MessageWriter shown(String text) {
        int length = Math.min(text.length(), MessageCodec.LONGEST_SHOWN);
        var clean = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char character = text.charAt(i);
            clean.append(Character.isISOControl(character) ? ' ' : character);
        }
        return text(clean.toString());
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
        if (count > MessageCodec.LONGEST_MESSAGE + Integer.BYTES - size) {
            throw new IllegalArgumentException("the message is longer than " + MessageCodec.LONGEST_MESSAGE
                    + " bytes: pass a smaller environment, or put it into a file of the image");
        }
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
    }
}
