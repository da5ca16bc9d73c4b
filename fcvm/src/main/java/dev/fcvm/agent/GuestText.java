package dev.fcvm.agent;

import dev.fcvm.host.PrintableText;

/** What a guest says, made fit to be shown: the guest is hostile, and a terminal obeys what it is sent. */
public final class GuestText {

    private GuestText() {}

    /** Returns the text as one line of at most so many characters, made harmless. */
    public static String harmless(String text, int limit) {
        return PrintableText.line(text, limit);
    }
}
