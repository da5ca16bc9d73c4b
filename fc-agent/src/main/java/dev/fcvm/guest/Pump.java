package dev.fcvm.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Moves bytes from one stream to another until the first one ends, then closes both; a thread's work. */
final class Pump implements Runnable {

    private static final int BUFFER_SIZE = 64 * 1024;

    /** A pump does nothing deep; eight times less than the default for each of its threads. */
    private static final int STACK_SIZE = 128 * 1024;

    private static final int SILENT_STEPS = 10;

    private final InputStream from;
    private final OutputStream to;
    private final Runnable onBroken;
    private final Thread thread;

    /** Whether the pump waits for {@link #from}, all it has read being passed on. */
    private volatile boolean idle;

    private volatile long moved;

    /**
     * Makes a pump.
     *
     * @param onBroken what to do when nobody takes the bytes any more
     */
    private Pump(String name, InputStream from, OutputStream to, Runnable onBroken) {
        this.from = from;
        this.to = to;
        this.onBroken = onBroken;
        // Not a virtual thread: reading a pipe blocks its carrier anyway, and the scheduler's start is on our way.
        this.thread = new Thread(null, this, name, STACK_SIZE, false);
        this.thread.setDaemon(true);
    }

    static Pump start(String name, InputStream from, OutputStream to, Runnable onBroken) {
        var pump = new Pump(name, from, to, onBroken);
        pump.thread.start();
        return pump;
    }

    @Override
    public void run() {
        try (from;
                to) {
            byte[] buffer = new byte[BUFFER_SIZE];
            long total = 0;
            while (true) {
                idle = true;
                int count = from.read(buffer);
                idle = false;
                if (count < 0) {
                    return;
                }
                to.write(buffer, 0, count);
                to.flush();
                total += count;
                moved = total;
            }
        } catch (IOException e) {
            onBroken.run();
        }
    }

    /**
     * Waits until the pump has moved everything, or has waited in vain for as long as the given time.
     *
     * @param silenceMillis how long nothing may come before the pump is taken for done
     * @return false when it was given up
     */
    boolean awaitEnd(long silenceMillis) throws InterruptedException {
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
