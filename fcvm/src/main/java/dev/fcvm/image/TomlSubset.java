package dev.fcvm.image;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads from a TOML file what registries.conf needs: tables, and keys whose value is a string or an array of strings.
 * Other values are stepped over.
 */
final class TomlSubset {

    private static final int DEEPEST = 16;

    private final String text;
    private int at;
    private int depth;

    private TomlSubset(String text) {
        this.text = text;
    }

    /**
     * A key and its strings.
     *
     * @param table the name of the table it stands in, {@code ""} at the top; {@code [[x]]} and {@code [x]} are alike
     * @param key its name, without quotes
     * @param values one for a string, any number for an array
     */
    record Entry(String table, String key, List<String> values) {}

    /** A file that is not TOML. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(int line, String why) {
            super("line " + line + ": " + why);
        }
    }

    static List<Entry> parse(String text) throws MalformedException {
        return new TomlSubset(text).entries();
    }

    private List<Entry> entries() throws MalformedException {
        List<Entry> entries = new ArrayList<>();
        String table = "";
        for (skipBlank(); at < text.length(); skipBlank()) {
            if (text.charAt(at) == '[') {
                table = table();
            } else {
                String key = key();
                expect('=');
                skipSpaces();
                entries.add(new Entry(table, key, value()));
            }
            skipSpaces();
            if (at < text.length() && "#\n\r".indexOf(text.charAt(at)) < 0) {
                throw malformed("something follows that does not belong here");
            }
        }
        return entries;
    }

    private String table() throws MalformedException {
        int opened = 0;
        while (at < text.length() && text.charAt(at) == '[') {
            at++;
            opened++;
        }
        String name = key();
        for (; opened > 0; opened--) {
            expect(']');
        }
        return name;
    }

    /** A key, perhaps dotted, parts perhaps quoted. */
    private String key() throws MalformedException {
        StringBuilder name = new StringBuilder();
        while (true) {
            skipSpaces();
            name.append(part());
            skipSpaces();
            if (at >= text.length() || text.charAt(at) != '.') {
                return name.toString();
            }
            name.append('.');
            at++;
        }
    }

    private String part() throws MalformedException {
        if (at < text.length() && isQuote(text.charAt(at))) {
            return string();
        }
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "_-".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw malformed("a key is expected");
        }
        return text.substring(start, at);
    }

    private List<String> value() throws MalformedException {
        if (at >= text.length()) {
            throw malformed("a value is expected");
        }
        if (++depth > DEEPEST) {
            throw malformed("there is too much in one another");
        }
        try {
            return anyValue();
        } finally {
            depth--;
        }
    }

    private List<String> anyValue() throws MalformedException {
        char first = text.charAt(at);
        if (isQuote(first)) {
            return List.of(string());
        }
        if (first == '[') {
            return array();
        }
        if (first == '{') {
            skipInlineTable();
            return List.of();
        }
        while (at < text.length() && "#\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return List.of();
    }

    private List<String> array() throws MalformedException {
        List<String> values = new ArrayList<>();
        expect('[');
        for (skipBlank(); at < text.length() && text.charAt(at) != ']'; skipBlank()) {
            char c = text.charAt(at);
            if (c == ',') {
                at++;
            } else if (isQuote(c) || c == '[' || c == '{') {
                values.addAll(value());
            } else {
                while (at < text.length() && ",]\n#".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
            }
        }
        expect(']');
        return values;
    }

    private void skipInlineTable() throws MalformedException {
        expect('{');
        while (at < text.length() && text.charAt(at) != '}') {
            char c = text.charAt(at);
            if (isQuote(c)) {
                string();
            } else if (c == '{') {
                value();
            } else {
                at++;
            }
        }
        expect('}');
    }

    private String string() throws MalformedException {
        char quote = text.charAt(at);
        String three = String.valueOf(quote).repeat(3);
        boolean severalLines = text.startsWith(three, at);
        String end = severalLines ? three : String.valueOf(quote);
        at += end.length();
        if (severalLines && text.startsWith("\n", at)) {
            at++;
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length() && !text.startsWith(end, at) && (severalLines || text.charAt(at) != '\n')) {
            char c = text.charAt(at++);
            if (c == '\\' && quote == '"') {
                escape(value);
            } else {
                value.append(c);
            }
        }
        if (!text.startsWith(end, at)) {
            throw malformed("%s is expected".formatted(end));
        }
        at += end.length();
        return value.toString();
    }

    /** Reads what follows a backslash. */
    private void escape(StringBuilder value) throws MalformedException {
        char c = at < text.length() ? text.charAt(at++) : '\n';
        switch (c) {
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'u' -> codePoint(value, 4);
            case 'U' -> codePoint(value, 8);
            case '\n' -> skipBlankLines();
            default -> value.append(c);
        }
    }

    private void codePoint(StringBuilder value, int digits) throws MalformedException {
        String hex = text.substring(at, Math.min(text.length(), at + digits));
        if (!hex.matches("[0-9a-fA-F]{%d}".formatted(digits))
                || !Character.isValidCodePoint((int) Long.parseLong(hex, 16))) {
            throw malformed("\\%s is no character".formatted(hex));
        }
        value.appendCodePoint(Integer.parseInt(hex, 16));
        at += digits;
    }

    private void skipBlankLines() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'';
    }

    private void expect(char c) throws MalformedException {
        skipSpaces();
        if (at >= text.length() || text.charAt(at) != c) {
            throw malformed("%s is expected".formatted(c));
        }
        at++;
    }

    private void skipSpaces() {
        while (at < text.length() && " \t\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** Steps over spaces, line ends and comments. */
    private void skipBlank() {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '#')) {
            if (text.charAt(at) == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else {
                at++;
            }
        }
    }

    private MalformedException malformed(String why) {
        int line = 1
                + (int) text.substring(0, Math.min(at, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        return new MalformedException(line, why);
    }
}
