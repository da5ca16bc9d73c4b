package dev.fcvm.link;

import java.time.Duration;

/**
 * How long to wait before the next connection or handshake: not at all as a rule, longer and longer while one after
 * another breaks, so that a peer that does nothing but break them cannot keep this side busy. Not thread-safe.
 */
final class Pace {

    private static final long LASTING_NANOS = 1_000_000_000L;
    private static final int AT_ONCE = 3;
    private static final int MOST_DOUBLINGS = 20;

    private final long longestNanos;
    private long last;
    private int quick;

    Pace(Duration longest) {
        this.longestNanos = longest.toNanos();
    }

    /** Returns the nanoseconds to wait before the next one, which is taken to begin after them. */
    long next(long now) {
        quick = now - last < LASTING_NANOS ? quick + 1 : 0;
        int doublings = quick - AT_ONCE;
        long pause = doublings < 0 ? 0 : Math.min(longestNanos, 1_000_000L << Math.min(doublings, MOST_DOUBLINGS));
        last = now + pause;
        return pause;
    }
}
