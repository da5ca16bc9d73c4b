package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Optional;
import java.util.Set;

/**
 * Memory that can be plugged in later; before the start. The guest needs a driver for virtio-mem.
 *
 * @param totalSize how much there may be, a multiple of the slots
 * @param blockSize what the guest takes at a time, a power of two; 2 MiB when left out
 * @param slotSize what the host gives at a time, a multiple of the blocks; 128 MiB when left out
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record MemoryHotplug(
        @Json.Property("total_size_mib") MemorySize totalSize,
        @Json.Property("block_size_mib") Optional<MemorySize> blockSize,
        @Json.Property("slot_size_mib") Optional<MemorySize> slotSize)
        implements ApiCall.Put {

    private static final String PATH = "/hotplug/memory";

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public String purpose() {
        return "make room for %s of memory to plug in".formatted(totalSize);
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.MEMORY_HOTPLUG);
    }

    /** Asks the guest, after the start, to have this much of it plugged in; it follows as it can. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Resize(
            @Json.Property("requested_size_mib") MemorySize requestedSize) implements ApiCall.Patch {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "plug in %s of memory".formatted(requestedSize);
        }

        @Override
        public Set<Feature> features() {
            return Set.of(Feature.MEMORY_HOTPLUG);
        }
    }

    /** How far the guest has come. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Status(
            @Json.Property("total_size_mib") MemorySize totalSize,
            @Json.Property("block_size_mib") MemorySize blockSize,
            @Json.Property("slot_size_mib") MemorySize slotSize,
            @Json.Property("plugged_size_mib") MemorySize pluggedSize,
            @Json.Property("requested_size_mib") MemorySize requestedSize) {}

    /** Asks for that. */
    public record Ask() implements ApiCall.Get<Status> {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "tell how much memory is plugged in";
        }

        @Override
        public Set<Feature> features() {
            return Set.of(Feature.MEMORY_HOTPLUG);
        }

        @Override
        public Class<Status> answer() {
            return Status.class;
        }
    }
}
