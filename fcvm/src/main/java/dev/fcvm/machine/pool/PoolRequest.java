package dev.fcvm.machine.pool;

import dev.fcvm.net.flags.NetworkRequest;
import java.util.Optional;

/**
 * What {@code fcvm pool create} was asked for.
 *
 * @param name what it is to be called
 * @param size how many machines are to be ready
 * @param most how many bytes of the host's memory they may take together
 * @param stock what they are restored of
 */
public record PoolRequest(String name, int size, Optional<Long> most, Stock stock) {

    /** What machines are restored of. */
    public sealed interface Stock {

        /** A snapshot of the user's. */
        record Saved(String snapshot) implements Stock {}

        /**
         * A warm base.
         *
         * @param cpus {@code --cpus}
         * @param memory {@code --memory}
         * @param network the network of a machine for which nothing is asked
         */
        record Warm(Optional<String> cpus, Optional<String> memory, NetworkRequest network) implements Stock {}
    }
}
