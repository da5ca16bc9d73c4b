package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Optional;
import java.util.Set;

/** A device that gives the guest random bytes; before the start. */
@Json(naming = Json.Naming.LowerUnderscore)
public record Entropy(Optional<RateLimiter> rateLimiter) implements ApiCall.Put {

    @Override
    public String path() {
        return "/entropy";
    }

    @Override
    public String purpose() {
        return "attach the source of random bytes";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.ENTROPY);
    }
}
