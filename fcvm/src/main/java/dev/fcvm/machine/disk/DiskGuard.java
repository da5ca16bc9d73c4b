package dev.fcvm.machine.disk;

import dev.fcvm.settings.DataSize;
import java.time.Duration;

/**
 * Decides, look by look, whether a machine may go on writing to a host's disk that others write to as well. Pure: knows
 * neither files nor machines. For one thread.
 *
 * <p>A monitor gives the host's "no space left" to its guest as a broken disk, and what the guest has written is lost. So
 * a machine must be stopped before the disk is full. Below the floor, the machines that have grown stop; what those write
 * that have not is little. Below a quarter of it, all stop, since whoever fills the disk may be no machine at all.
 */
final class DiskGuard {

    /** The fastest that all writers of a host together are thought to be, in bytes a second. */
    static final long FASTEST = 4L << 30;

    /** A machine that has grown by less since the disk was above the floor is not the one that fills it. */
    static final long CREEP = 1L << 20;

    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final Duration PAUSED = Duration.ofMillis(250);

    private final long floor;
    private long before = -1;
    private long last = -1;
    private boolean paused;
    private boolean warned;

    DiskGuard(DataSize floor) {
        this.floor = floor.bytes();
    }

    /** What is to be done after a look. */
    enum Act {
        /** Nothing. */
        GO_ON,
        /** The user is to be told that the disk fills up. */
        WARN,
        /** The machine is to be stopped. */
        PAUSE,
        /** The machine is to be stopped, and may have met a full disk already. */
        PAUSE_LATE,
        /** The machine may go on. */
        RESUME
    }

    /**
     * Judges what was seen.
     *
     * @param free bytes that can still be written
     * @param allocated bytes the machine's disk takes
     */
    Act look(long free, long allocated) {
        if (paused) {
            return free < floor + floor / 4 ? Act.GO_ON : Act.RESUME;
        }
        if (free >= floor) {
            // What was seen one look earlier: at the look that finds too little, the machine has grown already.
            before = last < 0 ? allocated : last;
            last = allocated;
            boolean low = free < 2 * floor && allocated - before > 0;
            if (low && !warned) {
                warned = true;
                return Act.WARN;
            }
            warned &= free < 3 * floor;
            return Act.GO_ON;
        }
        if (last < 0) {
            before = allocated;
            last = allocated;
        }
        boolean grown = allocated - before >= CREEP;
        return free <= 0 ? Act.PAUSE_LATE : grown || free < floor / 4 ? Act.PAUSE : Act.GO_ON;
    }

    /** The machine has been stopped. */
    void hasPaused() {
        paused = true;
    }

    /** The machine has gone on. */
    void hasResumed(long allocated) {
        paused = false;
        before = allocated;
        last = allocated;
    }

    /** Returns how long the disk cannot reach the floor, whoever writes: when to look again. */
    Duration next(long free) {
        if (paused) {
            return PAUSED;
        }
        long nanos = (long) ((double) Math.max(0, free - floor) / FASTEST * 1e9);
        return nanos <= SHORTEST.toNanos() ? SHORTEST : nanos >= LONGEST.toNanos() ? LONGEST : Duration.ofNanos(nanos);
    }
}
