package dev.fcvm.agent;

import dev.fcvm.error.BrokenPipe;
import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Carries one output stream of the container to where the user wants it, byte for byte. When nobody reads there any
 * more, the stream is abandoned, so that the container's next write fails as it would on a broken pipe.
 */
public final class OutputPump implements Runnable {

    private static final int BUFFER = 64 * 1024;

    /** The guest is told so often what it need no longer keep: long before it has to wait for that. */
    private static final int TOLD_EVERY = 4 * BUFFER;

    private final LinkStream stream;
    private final OutputStream target;
    private final Runnable firstByte;
    private final LongConsumer taken;
    private final Runnable end;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Since when the guest is waited for, by {@link System#nanoTime}; nothing while the target is. */
    private volatile OptionalLong waiting = OptionalLong.empty();

    private volatile Optional<IOException> trouble = Optional.empty();

    /**
     * @param stream where the bytes come from
     * @param target where they go; not closed
     * @param firstByte is called once, when the first bytes have been written
     * @param taken is called now and then with how many bytes the target has taken in all
     */
    public OutputPump(LinkStream stream, OutputStream target, Runnable firstByte, LongConsumer taken) {
        this(stream, target, firstByte, taken, () -> {});
    }

    /** The same, which calls something when nothing more will come. */
    OutputPump(LinkStream stream, OutputStream target, Runnable firstByte, LongConsumer taken, Runnable end) {
        this.stream = stream;
        this.target = target;
        this.firstByte = firstByte;
        this.taken = taken;
        this.end = end;
    }

    @Override
    public void run() {
        try (InputStream input = stream.input()) {
            pump(input);
        } catch (IOException ended) {
            // The session is over: its end is told to whoever listens to the agent.
            stream.reset();
        } finally {
            ended.countDown();
            end.run();
        }
    }

    /**
     * Waits until nothing more will come, however long the target takes to take it. Gives up on the stream when the guest
     * has been silent for this long while it was being waited for.
     *
     * @return whether the stream has ended by itself
     */
    public boolean awaitEnd(Duration silence) throws InterruptedException {
        // What was silent before does not count: from now on there is nothing left but to send what there is.
        long begin = System.nanoTime();
        while (true) {
            OptionalLong since = waiting;
            long silent = since.isEmpty() ? 0 : System.nanoTime() - Math.max(since.getAsLong(), begin);
            long left = silence.toNanos() - silent;
            if (left <= 0) {
                stream.reset();
                return false;
            }
            if (ended.await(left, TimeUnit.NANOSECONDS)) {
                return true;
            }
        }
    }

    /** Returns why the target did not take all there was, unless it is that nobody reads from it any more. */
    public Optional<IOException> trouble() {
        return trouble;
    }

    private int read(InputStream input, byte[] buffer) throws IOException {
        waiting = OptionalLong.of(System.nanoTime());
        int count = input.read(buffer);
        waiting = OptionalLong.empty();
        return count;
    }

    private void pump(InputStream input) throws IOException {
        var buffer = new byte[BUFFER];
        boolean first = true;
        long total = 0;
        long told = 0;
        for (int count = read(input, buffer); count >= 0; count = read(input, buffer)) {
            try {
                target.write(buffer, 0, count);
                target.flush();
            } catch (IOException failure) {
                if (!BrokenPipe.isBehind(failure)) {
                    trouble = Optional.of(failure);
                }
                stream.reset();
                return;
            }
            if (first) {
                firstByte.run();
                first = false;
            }
            total += count;
            if (total - told >= TOLD_EVERY) {
                taken.accept(total);
                told = total;
            }
        }
    }
}
