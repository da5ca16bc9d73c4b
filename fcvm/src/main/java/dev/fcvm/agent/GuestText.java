package dev.fcvm.agent;

import dev.fcvm.host.text.PrintableText;

/** What a guest says, made fit to be shown: the guest is hostile, and a terminal obeys what it is sent. */
public final class GuestText {

    private static final int LONGEST_REASON = 500;

    private GuestText() {}

    /** Returns what it says of why something is not so, for one line. */
    static String reason(String text) {
        return harmless(text, LONGEST_REASON);
    }

    /** Returns the text as one line of at most so many characters, made harmless. */
    public static String harmless(String text, int limit) {
        return PrintableText.line(text, limit);
    }
}
