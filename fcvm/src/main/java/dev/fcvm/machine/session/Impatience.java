package dev.fcvm.machine.session;

import dev.fcvm.host.process.LinuxSignal;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Knows when a user has lost patience: the third SIGINT within three seconds. Podman would wait on; but the guest may be
 * hung, and the machine must be mortal.
 */
final class Impatience {

    private static final int ENOUGH = 3;
    private static final Duration WINDOW = Duration.ofSeconds(3);

    private final LongSupplier nanoTime;
    private final long[] times = new long[ENOUGH];
    private int count;

    Impatience() {
        this(System::nanoTime);
    }

    Impatience(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes note of a signal, and returns whether it was one too many. */
    boolean isExhaustedBy(LinuxSignal signal) {
        if (signal != LinuxSignal.INT) {
            return false;
        }
        long now = nanoTime.getAsLong();
        times[count % ENOUGH] = now;
        count++;
        return count >= ENOUGH && now - times[count % ENOUGH] <= WINDOW.toNanos();
    }
}
