package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.RateLimits;
import java.util.Optional;

/**
 * What a machine may do in a second, as given.
 *
 * @param networkBandwidth {@code --network-bandwidth}
 * @param networkPackets {@code --network-pps}
 * @param diskBandwidth {@code --disk-bandwidth}
 * @param diskOperations {@code --disk-iops}
 */
public record RateFlags(
        Optional<String> networkBandwidth,
        Optional<String> networkPackets,
        Optional<String> diskBandwidth,
        Optional<String> diskOperations) {

    /** None. */
    public static final RateFlags NONE =
            new RateFlags(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Below these a machine does not start in time, or its network gives up. */
    private static final long LEAST_NETWORK_BYTES = 1000;

    private static final long LEAST_PACKETS = 10;
    private static final long LEAST_DISK_BYTES = 5 << 20;
    private static final long LEAST_OPERATIONS = 100;

    /**
     * Reads them.
     *
     * @throws FcvmException when one is no rate, or one with which a machine cannot work
     */
    public RateLimits limits() throws FcvmException {
        return new RateLimits(
                Rate.bytes("--network-bandwidth", networkBandwidth, LEAST_NETWORK_BYTES),
                Rate.count("--network-pps", networkPackets, LEAST_PACKETS),
                Rate.bytes("--disk-bandwidth", diskBandwidth, LEAST_DISK_BYTES),
                Rate.count("--disk-iops", diskOperations, LEAST_OPERATIONS));
    }
}
