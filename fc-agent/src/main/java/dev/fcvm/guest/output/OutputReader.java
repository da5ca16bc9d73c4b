package dev.fcvm.guest.output;

import java.io.IOException;
import java.io.InputStream;

/** Reads what a container writes into its store, until it ends; a thread's work. */
public final class OutputReader implements Runnable {

    private static final int STACK_SIZE = 128 * 1024;
    private static final int SILENT_STEPS = 10;

    /** At least this is read of one that writes a lot: the block of C's standard output is 4096 bytes. */
    public static final int MUCH = 2048;

    private final InputStream from;
    private final OutputStore store;
    private final Thread thread;

    /** Whether it waits for the container, not for room. */
    private volatile boolean idle;

    private volatile long moved;

    private OutputReader(String name, InputStream from, OutputStore store) {
        this.from = from;
        this.store = store;
        // Not a virtual thread: reading a pipe blocks its carrier anyway, and the scheduler's start is on our way.
        this.thread = new Thread(null, this, name, STACK_SIZE, false);
        this.thread.setDaemon(true);
    }

    /** Begins to read. */
    public static OutputReader start(String name, InputStream from, OutputStore store) {
        var reader = new OutputReader(name, from, store);
        reader.thread.start();
        return reader;
    }

    @Override
    public void run() {
        try (from) {
            long total = 0;
            int count = store.readFrom(from, this);
            while (count >= 0) {
                total += count;
                moved = total;
                if (count >= MUCH) {
                    // Whoever writes this much has more to say, and goes on with it now: of one processor this costs a
                    // change
                    // of threads for each full pipe, and not for each small write. With more than one it costs nothing.
                    Thread.yield();
                }
                count = store.readFrom(from, this);
            }
        } catch (IOException e) {
            // A terminal's way to end, and a pipe's that was closed under us: there is no more.
            idle = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            store.end();
        }
    }

    int read(InputStream source, byte[] into, int at, int count) throws IOException {
        idle = true;
        try {
            return source.read(into, at, count);
        } finally {
            idle = false;
        }
    }

    /**
     * Waits until all has been read, or nothing has come for as long as the given time.
     *
     * @param silenceMillis how long nothing may come before it is taken for done
     */
    public void awaitEnd(long silenceMillis) throws InterruptedException {
        int silent = 0;
        long before = moved;
        // In steps, each of which lets the reader run: a clock that jumps, as a paused machine's does, is one step
        // only.
        while (silent < SILENT_STEPS) {
            thread.join(silenceMillis / SILENT_STEPS);
            if (!thread.isAlive()) {
                return;
            }
            silent = idle && moved == before ? silent + 1 : 0;
            before = moved;
        }
        store.end();
    }
}
