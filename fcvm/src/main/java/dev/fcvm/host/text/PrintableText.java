package dev.fcvm.host.text;

/**
 * Text of others made fit to be shown in a line: a terminal obeys the control characters of either range, and those that
 * change the direction of what follows, or hide it, make people read something else than is there.
 */
public final class PrintableText {

    private static final char REPLACEMENT = '\ufffd';
    private static final char MORE = '…';

    private PrintableText() {}

    /** Returns the text as one line: line ends and tabs are spaces, and whatever is harmful is replaced. */
    public static String line(String text) {
        return line(text, Integer.MAX_VALUE);
    }

    /** Returns the text with its line ends and tabs, and whatever else is harmful replaced. */
    public static String lines(String text) {
        if (text.codePoints().noneMatch(PrintableText::isHarmfulInText)) {
            return text;
        }
        StringBuilder lines = new StringBuilder();
        text.codePoints()
                .forEach(character -> lines.appendCodePoint(isHarmfulInText(character) ? REPLACEMENT : character));
        return lines.toString();
    }

    /** Returns the same JSON document, with whatever is harmful written as JSON's escapes. */
    public static String json(String document) {
        if (document.codePoints().noneMatch(PrintableText::isHarmfulInText)) {
            return document;
        }
        StringBuilder escaped = new StringBuilder();
        document.codePoints().forEach(character -> {
            if (isHarmfulInText(character)) {
                for (char half : Character.toChars(character)) {
                    escaped.append("\\u%04x".formatted((int) half));
                }
            } else {
                escaped.appendCodePoint(character);
            }
        });
        return escaped.toString();
    }

    private static boolean isHarmfulInText(int character) {
        return character != '\n' && character != '\t' && isHarmful(character);
    }

    /** Returns the text as one line of at most so many characters, the last of which says that there are more. */
    public static String line(String text, int limit) {
        StringBuilder line = new StringBuilder();
        int at = 0;
        while (at < text.length() && line.length() <= limit) {
            int character = text.codePointAt(at);
            if (character == '\n' || character == '\t') {
                line.append(' ');
            } else if (isHarmful(character)) {
                line.append(REPLACEMENT);
            } else {
                line.appendCodePoint(character);
            }
            at += Character.charCount(character);
        }
        if (line.length() <= limit) {
            return line.toString();
        }
        int cut = limit - 1;
        if (cut > 0 && Character.isHighSurrogate(line.charAt(cut - 1))) {
            cut--;
        }
        return line.substring(0, Math.max(0, cut)) + MORE;
    }

    /** Tells whether a character does something else than to be shown, or cannot be shown. */
    private static boolean isHarmful(int character) {
        return switch (Character.getType(character)) {
            case Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE -> true;
            default -> isCommand(character);
        };
    }

    /** Tells whether a character is a control character, or changes the direction of text, or hides it, or ends a line. */
    static boolean isCommand(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
