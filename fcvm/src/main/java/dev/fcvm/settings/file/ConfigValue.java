package dev.fcvm.settings.file;

import java.util.List;

/**
 * One value of a configuration file.
 *
 * @param kind what it is to YAML
 * @param texts its text; the items' of a list
 * @param where file, line and column at which it stands, with colons between them
 */
public record ConfigValue(Kind kind, List<String> texts, String where) {

    public ConfigValue {
        texts = List.copyOf(texts);
    }

    /** What a value is to YAML. */
    public enum Kind {
        /** true or false. */
        TRUTH,
        /** A number. */
        NUMBER,
        /** Any other text. */
        TEXT,
        /** A list of texts and numbers. */
        LIST
    }

    /** Returns the text of a value that is no list. */
    public String text() {
        return texts.isEmpty() ? "" : texts.getFirst();
    }
}
