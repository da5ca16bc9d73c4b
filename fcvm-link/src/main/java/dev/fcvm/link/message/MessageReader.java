package dev.fcvm.link.message;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Takes the fields of a message apart, trusting none of them. */
final class MessageReader {

    private static final int LONGEST_NAME = 64;

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

    boolean flag() throws MalformedMessageException {
        return number(0, 1) == 1;
    }

    int signal() throws MalformedMessageException {
        return number(1, MessageCodec.HIGHEST_SIGNAL);
    }

    /** Returns a stream's number, or 0 for none. */
    int stream() throws MalformedMessageException {
        return number(0, Integer.MAX_VALUE);
    }

    int exec() throws MalformedMessageException {
        return number(1, Integer.MAX_VALUE);
    }

    int port() throws MalformedMessageException {
        return number(0, 65_535);
    }

    /** Returns a time in milliseconds; a day at most. */
    int limit() throws MalformedMessageException {
        return number(0, 86_400_000);
    }

    long wide() throws MalformedMessageException {
        return wide(0);
    }

    long wide(long lowest) throws MalformedMessageException {
        need(Long.BYTES);
        long number = in.getLong();
        if (number < 0) {
            throw new MalformedMessageException("with the negative number " + number);
        }
        if (number < lowest) {
            throw new MalformedMessageException("with the number " + number + ", which is less than " + lowest);
        }
        return number;
    }

    TerminalSize size() throws MalformedMessageException {
        return new TerminalSize(number(0, TerminalSize.MOST), number(0, TerminalSize.MOST));
    }

    Optional<TerminalSize> terminal() throws MalformedMessageException {
        return flag() ? Optional.of(size()) : Optional.empty();
    }

    /** Returns what a container is called. */
    String container() throws MalformedMessageException {
        String name = text();
        if (name.isEmpty() || !isName(name)) {
            throw new MalformedMessageException("with a container's id that is none");
        }
        return name;
    }

    /** The same, or the empty text. */
    String containerOrNone() throws MalformedMessageException {
        String name = text();
        if (!isName(name)) {
            throw new MalformedMessageException("with a container's id that is none");
        }
        return name;
    }

    /** No regular expression: an agent's start would wait for the first one. */
    private static boolean isName(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean first = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!first && (i == 0 || (c != '.' && c != '-' && c != '_'))) {
                return false;
            }
        }
        return text.length() <= LONGEST_NAME;
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

    /** Returns a text of so many hexadecimal digits. */
    String digits(int count) throws MalformedMessageException {
        String text = text();
        boolean digits = text.length() == count;
        for (int i = 0; i < text.length() && digits; i++) {
            digits = Character.digit(text.charAt(i), 16) >= 0 && text.charAt(i) < 128;
        }
        if (!digits) {
            throw new MalformedMessageException("with a text that is not " + count + " hexadecimal digits");
        }
        return text;
    }

    int mapping() throws MalformedMessageException {
        return number(0, Message.Secret.MOST - 1);
    }

    /** Returns a text that is Base64 of something. */
    String base64() throws MalformedMessageException {
        String text = text();
        try {
            Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException none) {
            throw new MalformedMessageException("with a text that is not Base64");
        }
        return text;
    }

    /** Returns a text that may be shown on a terminal. */
    String shown() throws MalformedMessageException {
        String text = text();
        if (text.length() > MessageCodec.LONGEST_SHOWN) {
            throw new MalformedMessageException("with a text of " + text.length() + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new MalformedMessageException("with control characters in a text for the user");
            }
        }
        return text;
    }

    /** Returns a document that is to be read by a program; of bounded length. */
    String document() throws MalformedMessageException {
        String text = text();
        if (text.length() > Message.LONGEST_DOCUMENT) {
            throw new MalformedMessageException("with a document of " + text.length() + " characters");
        }
        return text;
    }

    /** Returns a list of texts; as many as fit into what is left at most. */
    List<String> texts() throws MalformedMessageException {
        int count = number(0, Math.max(0, (in.remaining() - Integer.BYTES) / Integer.BYTES));
        var texts = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            texts.add(text());
        }
        return texts;
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
