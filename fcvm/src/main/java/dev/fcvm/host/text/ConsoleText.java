package dev.fcvm.host.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Makes what a guest or a monitor says harmless for a terminal and a log: escape sequences are taken out, carriage
 * returns dropped, and other control and format characters replaced. Keeps its place in a character or sequence from
 * one piece to the next; needs no memory beyond the piece at hand. Not for several threads.
 */
public final class ConsoleText {

    private static final char ESCAPE = 0x1b;
    private static final char BELL = 0x07;
    private static final char REPLACEMENT = '\ufffd';

    private enum State {
        TEXT,
        /** After ESC. */
        ESCAPED,
        /** In a control sequence, ESC [ … final. */
        CONTROL_SEQUENCE,
        /** In a string for the terminal, as ESC ] … BEL. */
        CONTROL_STRING
    }

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer incomplete = ByteBuffer.allocate(0);
    private State state = State.TEXT;

    /** Cleans a whole text at once. */
    public static String clean(byte[] bytes) {
        return new ConsoleText().next(ByteBuffer.wrap(bytes));
    }

    /** Returns the clean text of the next piece, all of which is consumed. */
    public String next(ByteBuffer piece) {
        ByteBuffer bytes = ByteBuffer.allocate(incomplete.remaining() + piece.remaining());
        bytes.put(incomplete).put(piece).flip();
        CharBuffer characters = CharBuffer.allocate(bytes.remaining());
        decoder.reset().decode(bytes, characters, false);
        incomplete = bytes.slice();
        characters.flip();
        StringBuilder clean = new StringBuilder(characters.length());
        while (characters.hasRemaining()) {
            int character = Character.codePointAt(characters, 0);
            characters.position(characters.position() + Character.charCount(character));
            take(character, clean);
        }
        return clean.toString();
    }

    private void take(int character, StringBuilder clean) {
        if (character == '\n') {
            state = State.TEXT; // a line's end ends everything, so that an unfinished sequence hides one line at most
            clean.append('\n');
        } else if (character == ESCAPE) {
            state = State.ESCAPED;
        } else {
            state = switch (state) {
                case TEXT -> text(character, clean);
                case ESCAPED -> escaped(character);
                case CONTROL_SEQUENCE -> character >= '@' && character <= '~' ? State.TEXT : State.CONTROL_SEQUENCE;
                case CONTROL_STRING -> character == BELL ? State.TEXT : State.CONTROL_STRING;
            };
        }
    }

    private static State text(int character, StringBuilder clean) {
        if (character == '\t' || !PrintableText.isCommand(character)) {
            clean.appendCodePoint(character);
        } else if (character != '\r') {
            clean.append(REPLACEMENT);
        }
        return State.TEXT;
    }

    private static State escaped(int character) {
        return switch (character) {
            case '[' -> State.CONTROL_SEQUENCE;
            case ']', 'P', 'X', '^', '_' -> State.CONTROL_STRING;
            case ' ', '#', '%', '(', ')', '*', '+' -> State.ESCAPED;
            default -> State.TEXT;
        };
    }
}
