package dev.fcvm.host.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The last of what a monitor writes to a pipe, which is always drained. Bounded, and harmless to print. */
public final class LastWords {

    private static final int KEPT = 8 << 10;

    private final ConsoleText text = new ConsoleText();
    private final StringBuilder kept = new StringBuilder();
    private final CountDownLatch drained = new CountDownLatch(1);

    /** Begins to read on a thread of its own, until the end: a read of a pipe holds a virtual thread's carrier. */
    public void drain(InputStream from) {
        Thread.ofPlatform().daemon().name("last-words").start(() -> {
            byte[] piece = new byte[4096];
            try (from) {
                for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                    append(ByteBuffer.wrap(piece, 0, count));
                }
            } catch (IOException e) {
                append(ByteBuffer.wrap(
                        ("\ncannot read on: " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8)));
            } finally {
                drained.countDown();
            }
        });
    }

    /** Waits for the end, at most this long. */
    public void awaitEnd(Duration atMost) throws InterruptedException {
        // Whatever has come by then is what there is to tell.
        var _ = drained.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the last line that says something, or an empty text. */
    public synchronized String line() {
        return kept.toString()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .reduce((first, second) -> second)
                .map(line -> line.length() > 500 ? line.substring(0, 500) + "…" : line)
                .orElse("");
    }

    private synchronized void append(ByteBuffer piece) {
        kept.append(text.next(piece));
        if (kept.length() > KEPT) {
            kept.delete(0, kept.length() - KEPT);
        }
    }
}
