package dev.fcvm.image;

import io.avaje.jsonb.JsonType;
import java.io.Serial;
import java.util.Optional;

/** Reads JSON that a stranger wrote: a registry, or whoever made an archive. */
final class StrangersJson {

    /** Far more than any document of an image has; a parser that calls itself for each level must not run out of stack. */
    private static final int DEEPEST = 64;

    /**
     * The library refuses strings of more than 32 Ki characters, but labels and comments in a configuration may be longer
     * (buildpacks put whole documents there). Nothing that is read here needs their end.
     */
    private static final int LONGEST = 16 << 10;

    private StrangersJson() {}

    /** It is not the document that it should be. */
    static final class MalformedException extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;

        MalformedException(String why, Throwable cause) {
            super(why, cause);
        }

        MalformedException(String why) {
            super(why);
        }
    }

    /** Returns the document in a text. */
    static <T> T read(JsonType<T> type, String text) throws MalformedException {
        String tame = tame(text);
        try {
            return Optional.ofNullable(type.fromJson(tame))
                    .orElseThrow(() -> new MalformedException("there is nothing in it"));
        } catch (RuntimeException e) {
            // Whatever a library or the check of a record throws: the cause is always what was written.
            throw new MalformedException("it is malformed", e);
        }
    }

    /** Returns the text with long strings cut. */
    private static String tame(String text) throws MalformedException {
        StringBuilder tame = new StringBuilder(text.length());
        int depth = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            tame.append(c);
            if (c == '"') {
                at = string(text, at + 1, tame);
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            }
            if (depth > DEEPEST) {
                throw new MalformedException("more than %d levels deep".formatted(DEEPEST));
            }
        }
        return tame.toString();
    }

    /** Copies a string but for what is too long, and returns where its closing quote is. */
    private static int string(String text, int start, StringBuilder tame) {
        int at = start;
        while (at < text.length() && text.charAt(at) != '"') {
            int next = at + (text.charAt(at) != '\\' ? 1 : text.startsWith("u", at + 1) ? 6 : 2);
            if (next - start <= LONGEST) {
                tame.append(text, at, Math.min(next, text.length()));
            }
            at = next;
        }
        if (at < text.length()) {
            tame.append('"');
        }
        return at;
    }
}
