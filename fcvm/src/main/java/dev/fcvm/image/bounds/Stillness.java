package dev.fcvm.image.bounds;

import dev.fcvm.error.FcvmException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Notices that work stands still which should write: there are damaged layers that make a tool wait for itself for ever.
 * For one thread.
 */
public final class Stillness {

    private final Duration patience;
    private final Duration interval;
    private final LongSupplier nanoTime;
    private final Room.Count written;
    private long last = -1;
    private long changedAt;
    private long lookedAt;

    /**
     * Begins now.
     *
     * @param patience how long nothing may change
     * @param interval how seldom it is looked, since to look costs something
     * @param nanoTime the time, as {@link System#nanoTime}
     * @param written what grows as long as the work goes on
     */
    public Stillness(Duration patience, Duration interval, LongSupplier nanoTime, Room.Count written) {
        this.patience = patience;
        this.interval = interval;
        this.nanoTime = nanoTime;
        this.written = written;
        this.changedAt = nanoTime.getAsLong();
        this.lookedAt = changedAt;
    }

    /** Returns whether nothing has changed for too long. */
    public boolean isTooLong() throws FcvmException, InterruptedException {
        long now = nanoTime.getAsLong();
        if (now - lookedAt < interval.toNanos()) {
            return false;
        }
        lookedAt = now;
        long count = written.count();
        if (count != last) {
            last = count;
            changedAt = now;
        }
        return now - changedAt > patience.toNanos();
    }
}
