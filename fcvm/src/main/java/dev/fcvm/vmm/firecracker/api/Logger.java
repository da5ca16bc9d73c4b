package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Optional;
import java.util.Set;

/**
 * Firecracker's own log; before the start.
 *
 * @param level {@code Info} when left out
 * @param module only what this one of its modules says
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Logger(
        Optional<String> logPath,
        Optional<Level> level,
        Optional<Boolean> showLevel,
        Optional<Boolean> showLogOrigin,
        Optional<String> module)
        implements ApiCall.Put {

    @Override
    public String path() {
        return "/logger";
    }

    @Override
    public String purpose() {
        return logPath.map(path -> "log to " + path).orElse("configure its log");
    }

    @Override
    public Set<Feature> features() {
        return module.isPresent() ? Set.of(Feature.LOG_MODULE) : Set.of();
    }

    /** How much is logged. */
    public enum Level {
        OFF,
        ERROR,
        WARNING,
        INFO,
        DEBUG,
        TRACE;

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return Words.of(this);
        }
    }
}
