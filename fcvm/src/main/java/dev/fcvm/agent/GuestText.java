package dev.fcvm.agent;

/** What a guest says, made fit to be shown: the guest is hostile, and a terminal obeys what it is sent. */
public final class GuestText {

    private static final char REPLACEMENT = '�';

    private GuestText() {}

    /**
     * Returns the text as one line of at most so many characters, every control, formatting and unpaired character
     * replaced.
     */
    public static String harmless(String text, int limit) {
        var shown = new StringBuilder();
        int length = Math.min(text.length(), limit);
        for (int index = 0; index < length; index++) {
            char character = text.charAt(index);
            shown.append(
                    switch (Character.getType(character)) {
                        case Character.CONTROL -> character == '\n' || character == '\t' ? ' ' : REPLACEMENT;
                        case Character.FORMAT,
                                Character.SURROGATE,
                                Character.LINE_SEPARATOR,
                                Character.PARAGRAPH_SEPARATOR,
                                Character.UNASSIGNED,
                                Character.PRIVATE_USE -> REPLACEMENT;
                        default -> character;
                    });
        }
        return text.length() > limit ? shown.append('…').toString() : shown.toString();
    }
}
