package dev.fcvm.vmm;

import dev.fcvm.settings.RateLimits;
import java.util.OptionalLong;

/**
 * A machine's network limits as commands for its tap, for monitors that cannot limit a card themselves. Bytes to the
 * guest are queued until their turn comes. What comes from the guest is dropped where it is too much, as a tap has no
 * queue that way, and so are packets beyond their number; the guest's TCP adapts. A card may hand over several packets as
 * one, which counts as one.
 */
public final class TapLimits {

    /** The longest that a card hands over as one, with its header. */
    private static final long LONGEST = 65_536 + 14;

    /** What may pass at once must hold two such, or none would pass at low rates. */
    private static final long LEAST_BURST = 2 * LONGEST;

    /** The kernel counts bursts in 32 bits. */
    private static final long MOST_BURST = (1L << 32) - 1;

    private static final long BURSTS_A_SECOND = 10;
    private static final long BITS = 8;

    private TapLimits() {}

    /**
     * Returns the commands for {@code tc -batch}; nothing when it has nothing to do.
     *
     * @param tap the tap's name in the network namespace they are run in
     */
    public static String tc(String tap, RateLimits limits) {
        OptionalLong bytes = limits.networkBytesPerSecond();
        return bytes.isEmpty()
                ? ""
                : "qdisc add dev %s root tbf rate %dbit burst %d latency 100ms\n"
                        .formatted(tap, bytes.getAsLong() * BITS, burst(bytes.getAsLong()));
    }

    /**
     * Returns the commands for {@code nft -f}, which make a table of their own; nothing when there is no limit.
     *
     * @param tap the tap's name in the network namespace they are run in
     */
    public static String nft(String tap, RateLimits limits) {
        if (!limits.limitsNetwork()) {
            return "";
        }
        OptionalLong packets = limits.networkPacketsPerSecond();
        // Of bytes the kernel lets a second's worth and the burst pass at once, of packets the burst alone.
        var ingress = new StringBuilder();
        limits.networkBytesPerSecond()
                .ifPresent(rate -> ingress.append("    limit rate over %d bytes/second burst %d bytes counter drop\n"
                        .formatted(rate, LEAST_BURST)));
        packets.ifPresent(rate -> ingress.append(perPacket(rate)));
        String egress = packets.isPresent() ? chain("to_guest", "egress", tap, perPacket(packets.getAsLong())) : "";
        return "table netdev fcvm_limits {\n" + chain("from_guest", "ingress", tap, ingress.toString()) + egress
                + "}\n";
    }

    private static String chain(String name, String hook, String tap, String rules) {
        return """
                  chain %s {
                    type filter hook %s device "%s" priority filter; policy accept;
                %s  }
                """.formatted(name, hook, tap, rules);
    }

    private static String perPacket(long rate) {
        return "    limit rate over %d/second burst %d packets counter drop\n"
                .formatted(rate, Math.clamp(rate / BURSTS_A_SECOND, 1, MOST_BURST));
    }

    /** A tenth of a second's worth, so that the rate holds over any time a person would notice. */
    private static long burst(long bytesPerSecond) {
        return Math.clamp(bytesPerSecond / BURSTS_A_SECOND, LEAST_BURST, MOST_BURST);
    }
}
