package dev.fcvm.vmm.qemu;

import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Network;
import dev.fcvm.vmm.confine.Tap;

/**
 * A machine's network limits as rules for its tap, since QEMU does not limit a card itself: what is too much is dropped,
 * and TCP adapts. A card may hand over several packets as one, which counts as one.
 */
final class TapLimits {

    /** The longest that a card hands over as one, with its header; twice that may pass beside a second's worth. */
    private static final long BURST = 2 * (65_536 + 14);

    /** The kernel counts bursts in 32 bits. */
    private static final long MOST_BURST = (1L << 32) - 1;

    private static final long BURSTS_A_SECOND = 10;

    private TapLimits() {}

    /** Returns the machine with its limits among the rules of its network. */
    static VmSpec carriedOut(VmSpec spec) {
        return spec.network()
                .map(network -> spec.with(
                        new Network(network.mtu(), network.links(), network.rules() + rules(Tap.NAME, spec.limits()))))
                .orElse(spec);
    }

    /**
     * Returns the rules for {@code nft -f}, in a table of their own; nothing when there is no limit. The tap must be
     * there when they are put in force.
     *
     * @param tap the tap's name in the network namespace they are for
     */
    static String rules(String tap, RateLimits limits) {
        if (!limits.limitsNetwork()) {
            return "";
        }
        var drops = new StringBuilder();
        // Of bytes the kernel lets a second's worth and the burst pass at once, of packets the burst alone.
        limits.networkBytesPerSecond().ifPresent(rate -> drops.append(over(rate + " bytes/second", BURST + " bytes")));
        limits.networkPacketsPerSecond()
                .ifPresent(rate -> drops.append(
                        over(rate + "/second", Math.clamp(rate / BURSTS_A_SECOND, 1, MOST_BURST) + " packets")));
        return "table netdev fcvm_limits {\n"
                + chain("from_guest", "ingress", tap, drops)
                + chain("to_guest", "egress", tap, drops)
                + "}\n";
    }

    private static String over(String rate, String burst) {
        return "    limit rate over %s burst %s counter drop\n".formatted(rate, burst);
    }

    private static String chain(String name, String hook, String tap, CharSequence rules) {
        return """
                  chain %s {
                    type filter hook %s device "%s" priority filter; policy accept;
                %s  }
                """.formatted(name, hook, tap, rules);
    }
}
