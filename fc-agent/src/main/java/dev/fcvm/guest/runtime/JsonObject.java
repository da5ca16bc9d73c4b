package dev.fcvm.guest.runtime;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * JSON as a machine's own programs write it, taken apart without being understood: each member's value stays the text it
 * is, so that what nobody here knows of is passed on unchanged.
 *
 * <p>Not the library that reads the plan: that binds members to types it knows, or reads numbers and texts into values and
 * writes them anew, so a number of another form than Java's, or a member of a newer runtime, would come out as something
 * else. It would also have to be loaded for a command's first byte, where these few lines cost nothing.
 */
public final class JsonObject {

    private final String text;
    private int at;

    private JsonObject(String text) {
        this.text = text;
    }

    /**
     * Returns an object's members, in their order.
     *
     * @throws IOException when it is none
     */
    public static Map<String, String> members(String text) throws IOException {
        var json = new JsonObject(text);
        try {
            return json.members();
        } catch (StringIndexOutOfBoundsException e) {
            throw new IOException("JSON that ends too soon", e);
        }
    }

    /** Returns a list of words as a JSON array. */
    public static String array(Iterable<String> words) {
        var array = new StringBuilder("[");
        for (String word : words) {
            if (array.length() > 1) {
                array.append(',');
            }
            quote(array, word);
        }
        return array.append(']').toString();
    }

    /** Returns an object of these members, whose values are JSON already. */
    public static String of(Map<String, String> members) {
        var object = new StringBuilder("{");
        for (Map.Entry<String, String> member : members.entrySet()) {
            if (object.length() > 1) {
                object.append(',');
            }
            quote(object, member.getKey());
            object.append(':').append(member.getValue());
        }
        return object.append('}').toString();
    }

    /** Returns a text as JSON. */
    public static String quoted(String word) {
        var quoted = new StringBuilder();
        quote(quoted, word);
        return quoted.toString();
    }

    private static void quote(StringBuilder to, String word) {
        to.append('"');
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '"' || c == '\\') {
                to.append('\\').append(c);
            } else if (c < ' ') {
                to.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                to.append(c);
            }
        }
        to.append('"');
    }

    private Map<String, String> members() throws IOException {
        Map<String, String> members = new LinkedHashMap<>();
        expect('{');
        while (next() != '}') {
            if (!members.isEmpty()) {
                expect(',');
            }
            String name = value();
            expect(':');
            members.put(name.substring(1, name.length() - 1), value());
        }
        return members;
    }

    private void expect(char wanted) throws IOException {
        if (next() != wanted) {
            throw new IOException("JSON without a '" + wanted + "' at " + at);
        }
        at++;
    }

    /** Returns what comes behind blanks. */
    private char next() {
        while (text.charAt(at) <= ' ') {
            at++;
        }
        return text.charAt(at);
    }

    private String value() {
        next();
        int start = at;
        int depth = 0;
        do {
            char c = text.charAt(at);
            if (c == '"') {
                string();
            } else if (c == '{' || c == '[') {
                depth++;
                at++;
            } else if (c == '}' || c == ']') {
                depth--;
                at++;
            } else if (depth == 0) {
                word();
            } else {
                at++;
            }
        } while (depth > 0);
        return text.substring(start, at);
    }

    private void string() {
        at++;
        while (text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    /** A number, true, false or null. */
    private void word() {
        do {
            at++;
        } while ("{}[],:\" \t\r\n".indexOf(text.charAt(at)) < 0);
    }
}
