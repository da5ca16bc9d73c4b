package dev.fcvm.link;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Takes the fields of a message apart, trusting none of them. */
final class MessageReader {

    private final ByteBuffer in;

    MessageReader(ByteBuffer in) {
        this.in = in;
    }

    byte kind() throws MalformedMessageException {
        need(1);
        return in.get();
    }

    int number(int lowest, int highest) throws MalformedMessageException {
        need(Integer.BYTES);
        int number = in.getInt();
        if (number < lowest || number > highest) {
            throw new MalformedMessageException(
                    "with the number " + number + ", which is not between " + lowest + " and " + highest);
        }
        return number;
    }

    long wide() throws MalformedMessageException {
        need(Long.BYTES);
        long number = in.getLong();
        if (number < 0) {
            throw new MalformedMessageException("with the negative number " + number);
        }
        return number;
    }

    String text() throws MalformedMessageException {
        need(Integer.BYTES);
        int length = in.getInt();
        need(length);
        var bytes = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException malformed) {
            throw new MalformedMessageException("with a text that is not UTF-8");
        }
    }

    /** Returns a text that may be shown on a terminal. */
    String shownText(int longest) throws MalformedMessageException {
        String text = text();
        if (text.length() > longest) {
            throw new MalformedMessageException("with a text of " + text.length() + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new MalformedMessageException("with control characters in a text for the user");
            }
        }
        return text;
    }

    /** Returns the length of a list, which fits into what is left. */
    int count() throws MalformedMessageException {
        return number(0, Math.max(0, (in.remaining() - Integer.BYTES) / Integer.BYTES));
    }

    void finish() throws MalformedMessageException {
        if (in.hasRemaining()) {
            throw new MalformedMessageException("with " + in.remaining() + " bytes too many");
        }
    }

    private void need(int count) throws MalformedMessageException {
        if (count < 0 || count > in.remaining()) {
            throw new MalformedMessageException("cut short");
        }
    }
}
