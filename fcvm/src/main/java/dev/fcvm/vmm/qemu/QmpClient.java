package dev.fcvm.vmm.qemu;

import dev.fcvm.vmm.process.UnixSockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * QEMU's control protocol over its socket. One command at a time; events are remembered as far as they tell how the
 * machine ends. What QEMU sends is bounded: a guest may have taken it over.
 */
final class QmpClient implements AutoCloseable {

    private static final int LINE_LIMIT = 64 << 10;

    private final SocketChannel channel;
    private final Duration patience;
    private final ReentrantLock turn = new ReentrantLock();
    private final CompletableFuture<QmpMessage> greeting = new CompletableFuture<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Pending pending = new Pending(0, new CompletableFuture<>());
    private volatile Farewell farewell = new Farewell.None();

    /** How QEMU said that the machine ends. */
    sealed interface Farewell {
        /** It has not. */
        record None() implements Farewell {}

        /** The guest's kernel has said that it panicked. */
        record Panic() implements Farewell {}

        /** {@code SHUTDOWN}, with QEMU's word for why. */
        record Shutdown(String reason) implements Farewell {}
    }

    private record Pending(long id, CompletableFuture<QmpMessage> answer) {}

    private QmpClient(SocketChannel channel, Duration patience) {
        this.channel = channel;
        this.patience = patience;
    }

    /**
     * Greets QEMU.
     *
     * @param channel a blocking channel, owned by the client from now on, also when this fails
     * @param patience how long QEMU may take for each answer
     * @throws IOException when QEMU does not answer in time, or as it should
     */
    static QmpClient open(SocketChannel channel, Duration patience) throws IOException, InterruptedException {
        QmpClient client = new QmpClient(channel, patience);
        Thread.ofVirtual().name("qmp").start(client::read);
        boolean obeys = false;
        try {
            client.await(client.greeting, "greet");
            client.execute("qmp_capabilities");
            obeys = true;
            return client;
        } finally {
            if (!obeys) {
                client.close();
            }
        }
    }

    /** Returns QEMU's version, with what its packager calls it. */
    String version() {
        return greeting.getNow(new QmpMessage.Greeting("")) instanceof QmpMessage.Greeting(String version)
                ? version
                : "";
    }

    /** Has QEMU do something that needs no argument; otherwise as with one. */
    QmpMessage.Done execute(String command) throws IOException, InterruptedException {
        return execute(command, "{}");
    }

    /**
     * Has QEMU do something.
     *
     * @param arguments a JSON object
     * @throws IOException when QEMU refuses, does not answer in time, or has ended
     */
    QmpMessage.Done execute(String command, String arguments) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            Pending asked = new Pending(pending.id() + 1, new CompletableFuture<>());
            pending = asked;
            String line = "{\"execute\":\"%s\",\"arguments\":%s,\"id\":%d}\n".formatted(command, arguments, asked.id());
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return switch (await(asked.answer(), command)) {
                case QmpMessage.Done done -> done;
                case QmpMessage.Refused(var _, String reason) ->
                    throw new IOException("QEMU refused %s: %s".formatted(command, reason));
                case QmpMessage.Greeting _, QmpMessage.Event _ ->
                    throw new IOException("QEMU answered to %s with no answer".formatted(command));
            };
        } catch (ClosedByInterruptException e) {
            throw UnixSockets.interrupted(e);
        } finally {
            turn.unlock();
        }
    }

    /** Returns what QEMU has said of the machine's end so far. */
    Farewell farewell() {
        return farewell;
    }

    /** Waits until QEMU has closed the connection, at most this long. */
    void awaitEnd(Duration atMost) throws InterruptedException {
        // Whatever QEMU has said by then is what there is to tell.
        var _ = end.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            finish(e);
        }
    }

    private QmpMessage await(CompletableFuture<QmpMessage> answer, String what)
            throws IOException, InterruptedException {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("QEMU did not answer to %s within %d ms".formatted(what, patience.toMillis()), e);
        } catch (ExecutionException e) {
            throw new IOException("QEMU did not answer to %s: %s".formatted(what, e.getMessage()), e);
        }
    }

    private void read() {
        ByteBuffer line = ByteBuffer.allocate(LINE_LIMIT);
        ByteBuffer piece = ByteBuffer.allocate(4096);
        try {
            while (channel.read(piece) >= 0) {
                piece.flip();
                while (piece.hasRemaining()) {
                    byte next = piece.get();
                    if (next == '\n') {
                        take(StandardCharsets.UTF_8
                                .decode(line.flip())
                                .toString()
                                .strip());
                        line.clear();
                    } else if (line.hasRemaining()) {
                        line.put(next);
                    } else {
                        throw new IOException("QEMU sent a line of more than %d bytes".formatted(LINE_LIMIT));
                    }
                }
                piece.clear();
            }
            finish(new IOException("QEMU has closed the connection"));
        } catch (IOException e) {
            finish(e);
            close(); // what it may say further cannot be understood
        }
    }

    private void take(String line) throws IOException {
        if (line.isEmpty()) {
            return;
        }
        switch (QmpMessage.parse(line)) {
            case QmpMessage.Greeting hello -> greeting.complete(hello);
            case QmpMessage.Done done -> answer(done.id(), done);
            case QmpMessage.Refused refused -> answer(refused.id(), refused);
            case QmpMessage.Event event -> remember(event);
        }
    }

    private void answer(long id, QmpMessage message) {
        Pending asked = pending;
        if (asked.id() == id) {
            asked.answer().complete(message);
        }
    }

    private void remember(QmpMessage.Event event) {
        if (event.name().equals("GUEST_PANICKED")) {
            farewell = new Farewell.Panic();
        } else if (event.name().equals("SHUTDOWN") && farewell instanceof Farewell.None) {
            farewell = new Farewell.Shutdown(event.reason());
        }
    }

    private void finish(IOException reason) {
        end.countDown();
        greeting.completeExceptionally(reason);
        pending.answer().completeExceptionally(reason);
    }
}
