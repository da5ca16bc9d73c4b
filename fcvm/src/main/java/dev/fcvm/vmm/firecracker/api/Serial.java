package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where the serial console's output goes; before the start. Otherwise it is Firecracker's standard output.
 *
 * @param rateLimiter in bytes; what is over it is lost
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Serial(Optional<String> serialOutPath, Optional<TokenBucket> rateLimiter) implements ApiCall.Put {

    @Override
    public String path() {
        return "/serial";
    }

    @Override
    public String purpose() {
        return serialOutPath.map(path -> "write the console to " + path).orElse("configure the serial console");
    }

    @Override
    public Set<Feature> features() {
        return rateLimiter.isPresent()
                ? EnumSet.of(Feature.SERIAL, Feature.SERIAL_RATE_LIMITER)
                : EnumSet.of(Feature.SERIAL);
    }
}
