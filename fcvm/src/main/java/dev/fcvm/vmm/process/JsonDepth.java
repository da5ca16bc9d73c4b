package dev.fcvm.vmm.process;

/** How deep JSON is nested: a parser that calls itself must not be given what a monitor, taken over, might send. */
public final class JsonDepth {

    /** Deeper than anything a monitor says. */
    public static final int DEEPEST = 32;

    private JsonDepth() {}

    /** Tells whether a text is nested deeper than that, whether or not the rest of it is JSON. */
    public static boolean isTooDeep(String text) {
        return of(text) > DEEPEST;
    }

    /** Returns how deep objects and arrays are nested, whether or not the rest of it is JSON. */
    static int of(String line) {
        int depth = 0;
        int deepest = 0;
        boolean quoted = false;
        for (int at = 0; at < line.length(); at++) {
            char character = line.charAt(at);
            if (character == '"') {
                quoted = !quoted;
            } else if (quoted && character == '\\') {
                at++; // whatever is escaped ends no text
            } else if (!quoted && (character == '{' || character == '[')) {
                depth++;
                deepest = Math.max(deepest, depth);
            } else if (!quoted && (character == '}' || character == ']')) {
                depth--;
            }
        }
        return deepest;
    }
}
