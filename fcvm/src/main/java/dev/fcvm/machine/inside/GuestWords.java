package dev.fcvm.machine.inside;

import dev.fcvm.agent.GuestText;
import java.nio.charset.StandardCharsets;

/** What Podman in a guest says of a failure, for one line of ours. */
final class GuestWords {

    private static final int LONGEST = 500;
    private static final String BEGINNING = "Error: ";

    private GuestWords() {}

    static String of(byte[] bytes, int length) {
        String text = new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
        int error = text.indexOf(BEGINNING);
        return GuestText.harmless(error < 0 ? text : text.substring(error + BEGINNING.length()), LONGEST);
    }
}
