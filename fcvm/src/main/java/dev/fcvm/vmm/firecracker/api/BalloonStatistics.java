package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What the guest says about its memory; a guest may lie. Amounts in bytes unless the name says otherwise; what this
 * guest's kernel does not tell is absent, and so is all of it where {@link KnownFault#BALLOON_STATISTICS_LOST} is met. The last
 * six come from kernels since Linux 6.12, and are counts, or pages for those of scanning and reclaiming.
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record BalloonStatistics(
        long targetPages,
        long actualPages,
        @Json.Property("target_mib") MemorySize target,
        @Json.Property("actual_mib") MemorySize actual,
        OptionalLong swapIn,
        OptionalLong swapOut,
        OptionalLong majorFaults,
        OptionalLong minorFaults,
        OptionalLong freeMemory,
        OptionalLong totalMemory,
        OptionalLong availableMemory,
        OptionalLong diskCaches,
        OptionalLong hugetlbAllocations,
        OptionalLong hugetlbFailures,
        OptionalLong oomKill,
        OptionalLong allocStall,
        OptionalLong asyncScan,
        OptionalLong directScan,
        OptionalLong asyncReclaim,
        OptionalLong directReclaim) {

    public BalloonStatistics {
        // The reader of JSON gives null for what is missing.
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(actual, "actual");
    }

    private static final String PATH = "/balloon/statistics";

    /** Asks for them; they are kept only when the balloon was attached with an interval. */
    public record Ask() implements ApiCall.Get<BalloonStatistics> {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "tell the balloon's statistics";
        }

        @Override
        public Class<BalloonStatistics> answer() {
            return BalloonStatistics.class;
        }
    }

    /** Another interval, which cannot turn them on or off. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Interval(
            @Json.Property("stats_polling_interval_s") @Json.Serializer(Seconds.class)
            Duration statsPollingInterval) implements ApiCall.Patch {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "ask the guest for statistics every %d s".formatted(statsPollingInterval.toSeconds());
        }
    }
}
