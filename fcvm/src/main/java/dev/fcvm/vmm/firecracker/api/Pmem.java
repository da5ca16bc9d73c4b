package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A file the guest has in its memory; before the start, or after it where PCI is on. */
@Json(naming = Json.Naming.LowerUnderscore)
public record Pmem(
        String id,
        String pathOnHost,
        Optional<Boolean> rootDevice,
        Optional<Boolean> readOnly,
        Optional<RateLimiter> rateLimiter)
        implements ApiCall.Put {

    public Pmem {
        DeviceId.checked(id);
    }

    @Override
    public String path() {
        return "/pmem/" + id;
    }

    @Override
    public String purpose() {
        return "attach %s as memory".formatted(pathOnHost);
    }

    @Override
    public Set<Feature> features() {
        return rateLimiter.isPresent() ? EnumSet.of(Feature.PMEM, Feature.PMEM_RATE_LIMITER) : EnumSet.of(Feature.PMEM);
    }

    /** A change of the limiter after the start. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Update(String id, Optional<RateLimiter> rateLimiter) implements ApiCall.Patch {

        public Update {
            DeviceId.checked(id);
        }

        @Override
        public String path() {
            return "/pmem/" + id;
        }

        @Override
        public String purpose() {
            return "limit the device " + id;
        }

        @Override
        public Set<Feature> features() {
            return EnumSet.of(Feature.PMEM, Feature.PMEM_RATE_LIMITER);
        }
    }
}
