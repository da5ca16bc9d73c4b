package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Optional;

/**
 * Limits of a device. In a change, what is absent stays as it is.
 *
 * @param bandwidth in bytes
 * @param ops in operations or packets
 */
@Json
public record RateLimiter(Optional<TokenBucket> bandwidth, Optional<TokenBucket> ops) {

    /** Returns a limiter of bytes only. */
    public static RateLimiter ofBytes(TokenBucket bandwidth) {
        return new RateLimiter(Optional.of(bandwidth), Optional.empty());
    }
}
