package dev.fcvm.machine.wake;

import java.time.Duration;
import java.util.Optional;

/**
 * Decides, look by look, whether nothing has moved in a machine for so long that it may be suspended. Pure: knows no machine
 * and no clock. For one thread.
 */
final class Idleness {

    /** A guest that has nothing to do takes less of one processor: its own timers, its agent, a health check now and then. */
    static final double IDLE_SHARE = 0.05;

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Duration after;
    private Optional<Look> last = Optional.empty();
    private long quietSince;

    /** @param after for how long nothing must have moved */
    Idleness(Duration after) {
        this.after = after;
    }

    /**
     * What was seen of a machine.
     *
     * @param nanos when, by {@link System#nanoTime}
     * @param wanted whether somebody has to do with it, or it may not be suspended now
     * @param packets how many its network card has received and sent; 0 without a card
     * @param processor how much time its monitor has had of all processors
     */
    record Look(long nanos, boolean wanted, long packets, Duration processor) {}

    /** Returns how long the next look is to wait. */
    Duration pause() {
        Duration quarter = after.dividedBy(4);
        if (quarter.compareTo(SHORTEST) < 0) {
            return SHORTEST;
        }
        return quarter.compareTo(LONGEST) > 0 ? LONGEST : quarter;
    }

    /** Returns whether nothing has moved for long enough by now. */
    boolean isLong(Look now) {
        if (last.isEmpty() || now.wanted() || moved(last.get(), now)) {
            quietSince = now.nanos();
        }
        last = Optional.of(now);
        return now.nanos() - quietSince >= after.toNanos();
    }

    /** It is not to be suspended yet: the time begins anew. */
    void again(long nanos) {
        quietSince = nanos;
    }

    private static boolean moved(Look before, Look now) {
        long spent = now.processor().minus(before.processor()).toNanos();
        return now.packets() != before.packets() || spent > (now.nanos() - before.nanos()) * IDLE_SHARE;
    }
}
