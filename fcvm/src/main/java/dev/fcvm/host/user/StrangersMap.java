package dev.fcvm.host.user;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Maps whose names somebody else has chosen: an image's labels, the attributes and devices in its layers. Of names that all
 * have the same hash code {@link Map#copyOf} makes a map in time by the square of their number, hours for as many as an
 * image may have; a {@link java.util.HashMap} sorts such names.
 */
public final class StrangersMap {

    private StrangersMap() {}

    /** Returns an unmodifiable copy, in the same order. */
    public static <V> Map<String, V> copyOf(Map<String, ? extends V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
