package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The host's end of a channel whose other end sends everything back. */
record Echo(ByteChannel channel) implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PIECE = 8 << 10;

    static Echo over(ByteChannel channel) {
        return new Echo(channel);
    }

    /** Sends so many bytes and checks that just these come back. */
    void exchange(int amount) throws Exception {
        try (Load load = load()) {
            load.awaitMore(amount);
        }
    }

    /** Begins to send and receive without end. The channel is of use again when that is closed. */
    Load load() {
        return new Load(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Bytes on their way there and back, every one of them checked. */
    static final class Load implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final CompletableFuture<Void> sender = new CompletableFuture<>();
        /** How many bytes there are in all, known before the last of them are sent. */
        private final CompletableFuture<Long> total = new CompletableFuture<>();

        private final CompletableFuture<Void> receiver = new CompletableFuture<>();
        private final Object progress = new Object();
        private volatile long received;

        private Load(ByteChannel channel) {
            Thread.ofPlatform().daemon().name("echo-sender").start(() -> complete(sender, () -> send(channel)));
            Thread.ofPlatform().daemon().name("echo-receiver").start(() -> complete(receiver, () -> receive(channel)));
        }

        /** Returns how many bytes have come back. */
        long received() {
            return received;
        }

        /** Waits until so many more bytes have come back, and they were the right ones. */
        void awaitMore(long amount) throws Exception {
            long goal = received + amount;
            long end = System.nanoTime() + PATIENCE.toNanos();
            synchronized (progress) {
                while (received < goal) {
                    if (receiver.isCompletedExceptionally()) {
                        receiver.get();
                    }
                    long left = end - System.nanoTime();
                    assertThat(left)
                            .as("time for %d bytes, of which %d came", goal, received)
                            .isPositive();
                    TimeUnit.NANOSECONDS.timedWait(progress, Math.min(left, 100_000_000));
                }
            }
        }

        /** Waits until nothing has come for a while, what was on its way having arrived; returns what has come. */
        long awaitStandstill() throws InterruptedException {
            long seen = -1;
            while (seen != received) {
                seen = received;
                synchronized (progress) {
                    TimeUnit.MILLISECONDS.timedWait(progress, 100);
                }
            }
            return seen;
        }

        private void send(ByteChannel channel) throws IOException {
            Random random = new Random(7);
            byte[] bytes = new byte[PIECE];
            long sent = 0;
            while (!total.isDone()) {
                random.nextBytes(bytes);
                ByteBuffer piece = ByteBuffer.wrap(bytes);
                sent += PIECE;
                if (over.get()) {
                    total.complete(sent);
                }
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
        }

        private void receive(ByteChannel channel) throws IOException {
            Random random = new Random(7);
            byte[] expected = new byte[PIECE];
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            while (received != total.getNow(Long.MAX_VALUE)) {
                random.nextBytes(expected);
                piece.clear();
                while (piece.hasRemaining()) {
                    if (channel.read(piece) < 0) {
                        throw new AssertionError("the channel ended after %d bytes".formatted(received));
                    }
                }
                int wrong = piece.flip().mismatch(ByteBuffer.wrap(expected));
                assertThat(wrong)
                        .as("first wrong byte after %d right ones", received)
                        .isEqualTo(-1);
                synchronized (progress) {
                    received += PIECE;
                    progress.notifyAll();
                }
            }
        }

        /** Stops sending, and waits until the last of it has come back. */
        @Override
        public void close() {
            over.set(true);
            CompletableFuture.allOf(sender, receiver)
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }

        private static void complete(CompletableFuture<Void> future, Work work) {
            try {
                work.run();
                future.complete(null);
            } catch (IOException | RuntimeException | AssertionError e) {
                future.completeExceptionally(e);
            }
        }

        private interface Work {
            void run() throws IOException;
        }
    }
}
