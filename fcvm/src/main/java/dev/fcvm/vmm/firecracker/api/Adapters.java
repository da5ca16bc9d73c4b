package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;

/**
 * What reads and writes the records. It is made when it is first asked for, and by one thread at a time: the adapters of
 * enums that the library generates fill tables that all of them share, and two made at once find each other's entries.
 */
final class Adapters {

    private static final Object MAKING = new Object();

    private Adapters() {}

    /** Returns what reads records of this type. */
    static <T> JsonType<T> of(Class<T> type) {
        synchronized (MAKING) {
            return Jsonb.instance().type(type);
        }
    }

    /** Returns what writes records of this one's type. */
    static <T> JsonType<T> of(T body) {
        synchronized (MAKING) {
            return Jsonb.instance().typeOf(body);
        }
    }
}
