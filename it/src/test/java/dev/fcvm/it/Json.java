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

    private static Object read(String text) {
        return Jsonb.builder().build().type(Object.class).fromJson(text);
    }
}
