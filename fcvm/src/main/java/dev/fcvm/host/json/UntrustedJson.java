package dev.fcvm.host.json;

import io.avaje.json.JsonReader;
import io.avaje.json.stream.JsonStream;
import io.avaje.jsonb.JsonType;
import java.util.Optional;

/**
 * Reads JSON that fcvm has not written: a registry, whoever made an archive, a monitor or a helper that a guest may have
 * taken over. What is nested too deep is refused before a parser sees it, which would call itself for each level until its
 * stack ends, and a string that is too long is cut. How long the whole may be is up to whoever takes it in.
 */
public final class UntrustedJson {

    /** Far more than any document has that is read here. */
    public static final int DEEPEST = 64;

    /**
     * The library refuses strings of more than 32 Ki characters, but labels and comments in an image's configuration may be
     * longer (buildpacks put whole documents there). Nothing that is read here needs their end.
     */
    private static final int LONGEST = 16 << 10;

    private UntrustedJson() {}

    /** Reads with a parser's own words. */
    @FunctionalInterface
    public interface Parser<T> {
        /** Reads one document. */
        T read(JsonReader json) throws MalformedJson;
    }

    /**
     * Returns the document in a text.
     *
     * @throws MalformedJson when it is none of this type
     */
    public static <T> T read(JsonType<T> type, String text) throws MalformedJson {
        String tame = tame(text);
        Optional<T> document;
        try {
            document = Optional.ofNullable(type.fromJson(tame));
        } catch (RuntimeException e) {
            // Whatever a library or the check of a record throws: the cause is always what was written.
            throw new MalformedJson("it is malformed", e);
        }
        return document.orElseThrow(() -> new MalformedJson("there is nothing in it"));
    }

    /**
     * Reads a document piece by piece.
     *
     * @throws MalformedJson when it is no JSON, or the parser does not find what it needs
     */
    public static <T> T parse(String text, Parser<T> parser) throws MalformedJson {
        try (JsonReader json = JsonStream.builder().build().reader(tame(text))) {
            return parser.read(json);
        } catch (RuntimeException e) {
            throw new MalformedJson("it is malformed", e);
        }
    }

    /** Returns the text with long strings cut. */
    private static String tame(String text) throws MalformedJson {
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
                throw new MalformedJson("it is more than %d levels deep".formatted(DEEPEST));
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
