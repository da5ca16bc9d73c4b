package dev.fcvm.vmm.firecracker;

import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.firecracker.api.RateLimiter;
import dev.fcvm.vmm.firecracker.api.TokenBucket;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A machine's limits in Firecracker's words. Each device has a limiter of its own, and none is shared: every disk gets
 * the whole limit, since a container that works hard does so on one disk, mostly its scratch disk. A machine that reads
 * its image and writes its scratch disk at once may so have twice its limit; dividing it would leave a container that
 * writes a third.
 *
 * <p>Firecracker tells the guest nothing of how many pieces of memory a request may have, so the guest's kernel makes one
 * request of each: of a large read into scattered pages, every page of 4 KiB counts as an operation. QEMU's guests put up
 * to 254 into one.
 *
 * <p>A bucket holds one second's worth, and is full at first.
 */
final class Limiters {

    private Limiters() {}

    /** Returns that of each disk; nothing when disks are not limited. */
    static Optional<RateLimiter> ofDisk(RateLimits limits) {
        return of(limits.diskBytesPerSecond(), limits.diskOperationsPerSecond());
    }

    /** Returns that of each direction of the card; nothing when the network is not limited. */
    static Optional<RateLimiter> ofCard(RateLimits limits) {
        return of(limits.networkBytesPerSecond(), limits.networkPacketsPerSecond());
    }

    private static Optional<RateLimiter> of(OptionalLong bytes, OptionalLong operations) {
        return bytes.isEmpty() && operations.isEmpty()
                ? Optional.empty()
                : Optional.of(new RateLimiter(bucket(bytes), bucket(operations)));
    }

    private static Optional<TokenBucket> bucket(OptionalLong perSecond) {
        return perSecond.isEmpty() ? Optional.empty() : Optional.of(TokenBucket.perSecond(perSecond.getAsLong()));
    }
}
