package dev.fcvm.it;

import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Map;

/** Reads JSON as a script would: strictly, and without knowing the program's own classes. */
final class Json {

    private Json() {}

    static Map<?, ?> object(String text) {
        return (Map<?, ?>) read(text);
    }

    static List<?> list(String text) {
        return (List<?>) read(text);
    }

    /** Reads a list of objects. */
    @SuppressWarnings("unchecked") // JSON's objects have no other keys
    static List<Map<String, Object>> objects(String text) {
        return (List<Map<String, Object>>) read(text);
    }

    private static Object read(String text) {
        return Jsonb.builder().build().type(Object.class).fromJson(text);
    }
}
