package dev.fcvm.guest.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;

/**
 * Moves bytes from one stream to another until the first one ends, then closes both; a thread's work. When nobody takes
 * them any more it closes both as well, or goes on without.
 */
public final class Pump implements Runnable {

    private static final int BUFFER_SIZE = 64 * 1024;

    /** A pump does nothing deep; eight times less than the default for each of its threads. */
    private static final int STACK_SIZE = 128 * 1024;

    private static final int SILENT_STEPS = 10;

    private final InputStream from;
    private final OutputStream to;
    private final BooleanSupplier drains;
    private final Thread thread;

    /** Whether the pump waits for {@link #from}, all it has read being passed on. */
    private volatile boolean idle;

    private volatile long moved;

    private Pump(String name, InputStream from, OutputStream to, BooleanSupplier drains) {
        this.from = from;
        this.to = to;
        this.drains = drains;
        // Not a virtual thread: reading a pipe blocks its carrier anyway, and the scheduler's start is on our way.
        this.thread = new Thread(null, this, name, STACK_SIZE, false);
        this.thread.setDaemon(true);
    }

    /**
     * Begins.
     *
     * @param drains is asked when nobody takes the bytes any more: whether what still comes is to be read, and dropped
     */
    public static Pump start(String name, InputStream from, OutputStream to, BooleanSupplier drains) {
        var pump = new Pump(name, from, to, drains);
        pump.thread.start();
        return pump;
    }

    @Override
    public void run() {
        try (from;
                to) {
            byte[] buffer = new byte[BUFFER_SIZE];
            boolean taken = true;
            long total = 0;
            int count = read(buffer);
            while (count >= 0 && (taken || drains.getAsBoolean())) {
                taken = taken && write(buffer, count);
                total += count;
                moved = total;
                count = read(buffer);
            }
        } catch (IOException e) {
            // One of the two is gone, and with it what the pump was for; whoever waits for its end sees it.
            idle = false;
        }
    }

    private int read(byte[] buffer) throws IOException {
        idle = true;
        try {
            return from.read(buffer);
        } finally {
            idle = false;
        }
    }

    /** Returns whether the bytes were taken. */
    private boolean write(byte[] buffer, int count) throws IOException {
        try {
            to.write(buffer, 0, count);
            to.flush();
            return true;
        } catch (IOException e) {
            if (!drains.getAsBoolean()) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Waits until the pump has moved everything, or has waited in vain for as long as the given time.
     *
     * @param silenceMillis how long nothing may come before the pump is taken for done
     * @return false when it was given up
     */
    public boolean awaitEnd(long silenceMillis) throws InterruptedException {
        int silent = 0;
        long before = moved;
        // In steps, each of which lets the pump run: a clock that jumps, as a paused machine's does, is one step only.
        while (silent < SILENT_STEPS) {
            thread.join(silenceMillis / SILENT_STEPS);
            if (!thread.isAlive()) {
                return true;
            }
            silent = idle && moved == before ? silent + 1 : 0;
            before = moved;
        }
        return false;
    }
}
