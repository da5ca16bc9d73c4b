package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Firecracker's metrics, a line of JSON every minute; once, before the start.
 *
 * @param emitId whether each line carries the machine's id
 * @param properties what else each line carries
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Metrics(String metricsPath, Optional<Boolean> emitId, Optional<Map<String, String>> properties)
        implements ApiCall.Put {

    /** Returns metrics without labels. */
    public static Metrics to(String metricsPath) {
        return new Metrics(metricsPath, Optional.empty(), Optional.empty());
    }

    @Override
    public String path() {
        return "/metrics";
    }

    @Override
    public String purpose() {
        return "write its metrics to " + metricsPath;
    }

    @Override
    public Set<Feature> features() {
        return emitId.isPresent() || properties.isPresent() ? Set.of(Feature.METRICS_LABELS) : Set.of();
    }
}
