package dev.fcvm.guest.output;

import java.io.IOException;
import java.io.InputStream;

/** Reads what a container writes into its store, until it ends; a thread's work. */
public final class OutputReader implements Runnable {

    private static final int STACK_SIZE = 128 * 1024;
    private static final int SILENT_STEPS = 10;

    /** Who has written so much writes much: to make room for it pays. */
    private static final long MUCH = 1 << 20;

    /** Makes more room for what is written. */
    @FunctionalInterface
    public interface Widening {
        /** Makes it, where that is possible. */
        void widen() throws IOException;
    }

    private final InputStream from;
    private final OutputStore store;
    private final Widening widening;
    private final Thread thread;

    /** Whether it waits for the container, not for room. */
    private volatile boolean idle;

    private volatile long moved;

    private OutputReader(String name, InputStream from, OutputStore store, Widening widening) {
        this.from = from;
        this.store = store;
        this.widening = widening;
        // Not a virtual thread: reading a pipe blocks its carrier anyway, and the scheduler's start is on our way.
        this.thread = new Thread(null, this, name, STACK_SIZE, false);
        this.thread.setDaemon(true);
    }

    /**
     * Begins to read.
     *
     * @param widening is called once, when much has come
     */
    public static OutputReader start(String name, InputStream from, OutputStore store, Widening widening) {
        var reader = new OutputReader(name, from, store, widening);
        reader.thread.start();
        return reader;
    }

    @Override
    public void run() {
        try (from) {
            long total = 0;
            int count = store.readFrom(from, this);
            while (count >= 0) {
                if (total < MUCH && total + count >= MUCH) {
                    widen();
                }
                total += count;
                moved = total;
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

    private void widen() {
        try {
            widening.widen();
        } catch (IOException asItIs) {
            // It ends just now, or is none of the usual pipes: it takes what it took before.
            return;
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
