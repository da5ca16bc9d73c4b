package dev.fcvm.vmm;

import java.util.OptionalLong;

/**
 * What a machine may at most do in a second; empty for as much as it can. Network limits hold for each direction by
 * itself, disk limits for reads and writes together.
 *
 * @param networkBytesPerSecond bytes on its card, each way
 * @param networkPacketsPerSecond packets on its card, each way
 * @param diskBytesPerSecond bytes read from and written to its disks
 * @param diskOperationsPerSecond reads and writes of its disks
 */
public record RateLimits(
        OptionalLong networkBytesPerSecond,
        OptionalLong networkPacketsPerSecond,
        OptionalLong diskBytesPerSecond,
        OptionalLong diskOperationsPerSecond) {

    /** As much as it can of everything. */
    public static final RateLimits NONE =
            new RateLimits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    public RateLimits {
        requirePositive(networkBytesPerSecond);
        requirePositive(networkPacketsPerSecond);
        requirePositive(diskBytesPerSecond);
        requirePositive(diskOperationsPerSecond);
    }

    private static void requirePositive(OptionalLong limit) {
        if (limit.isPresent() && limit.getAsLong() < 1) {
            throw new IllegalArgumentException("a limit is " + limit.getAsLong());
        }
    }

    /** Returns whether the network is limited. */
    public boolean limitsNetwork() {
        return networkBytesPerSecond.isPresent() || networkPacketsPerSecond.isPresent();
    }

    /** Returns whether the disks are limited. */
    public boolean limitsDisks() {
        return diskBytesPerSecond.isPresent() || diskOperationsPerSecond.isPresent();
    }
}
