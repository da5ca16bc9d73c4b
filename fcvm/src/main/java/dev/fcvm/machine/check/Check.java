package dev.fcvm.machine.check;

import io.avaje.jsonb.Json;
import java.util.Objects;

/**
 * One thing that was looked at.
 *
 * @param id a stable word for scripts
 * @param title what was looked at
 * @param status {@code ok}, {@code warn} (it works, but not all of it) or {@code missing}
 * @param detail what was found
 * @param fix the command that mends it, or empty
 */
@Json
public record Check(String id, String title, String status, String detail, String fix) {

    /** How a check can end. */
    static final String OK = "ok";

    /** It works, but not all of it or not as well. */
    static final String WARN = "warn";

    /** No machine can run. */
    static final String MISSING = "missing";

    public Check {
        id = Objects.requireNonNullElse(id, "");
        title = Objects.requireNonNullElse(title, "");
        status = Objects.requireNonNullElse(status, "");
        detail = Objects.requireNonNullElse(detail, "");
        fix = Objects.requireNonNullElse(fix, "");
    }
}
