package dev.fcvm.vmm.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A deadline for the blocking use of a channel, which has no other: when it passes, the channel is closed. */
public final class Deadline implements AutoCloseable {

    private final AtomicBoolean passed = new AtomicBoolean();
    private final CompletableFuture<Void> alarm;

    private Deadline(Channel channel, Duration after) {
        Executor later = CompletableFuture.delayedExecutor(
                after.toNanos(), TimeUnit.NANOSECONDS, task -> Thread.startVirtualThread(task));
        alarm = CompletableFuture.runAsync(() -> strike(channel), later);
    }

    /** Sets a deadline; {@link #close} takes it back. */
    public static Deadline closing(Channel channel, Duration after) {
        return new Deadline(channel, after);
    }

    /** Tells whether it has passed. */
    public boolean passed() {
        return passed.get();
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }

    private void strike(Channel channel) {
        if (alarm.isCancelled()) {
            return;
        }
        passed.set(true);
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a channel", e);
        }
    }
}
