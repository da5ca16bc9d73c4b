package dev.fcvm.vmm.firecracker;

import dev.fcvm.vmm.Deadline;
import dev.fcvm.vmm.UnixSockets;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Firecracker's API over one persistent connection; calls go one after the other, as Firecracker does them. After a call
 * without an answer the connection is closed, and all further calls fail.
 */
final class FirecrackerApi implements AutoCloseable {

    private final SocketChannel channel;
    private final InputStream answers;
    private final Duration patience;
    private final Jsonb json = Jsonb.instance();
    private final ReentrantLock turn = new ReentrantLock();

    /**
     * @param channel a blocking channel, owned by this object from now on
     * @param patience how long Firecracker may take for each answer
     */
    FirecrackerApi(SocketChannel channel, Duration patience) {
        this.channel = channel;
        this.answers = new BufferedInputStream(Channels.newInputStream(channel));
        this.patience = patience;
    }

    /**
     * Makes a call and waits for its answer.
     *
     * @throws ApiRefusal when Firecracker refuses, with its reason
     * @throws IOException when it does not answer in time or has ended
     */
    void call(ApiCall call) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        boolean answered = false;
        try (Deadline deadline = Deadline.closing(channel, patience)) {
            try {
                send(call);
                HttpResponse response = HttpResponse.read(answers);
                answered = true;
                if (!response.succeeded()) {
                    throw new ApiRefusal("firecracker could not %s: %s".formatted(call.purpose(), reason(response)));
                }
            } catch (ClosedByInterruptException e) {
                throw UnixSockets.interrupted(e);
            } catch (IOException e) {
                throw deadline.passed()
                        ? new IOException(
                                "firecracker did not %s within %d s".formatted(call.purpose(), patience.toSeconds()), e)
                        : e;
            }
        } finally {
            if (!answered) {
                close();
            }
            turn.unlock();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close firecracker's API socket", e);
        }
    }

    private void send(ApiCall call) throws IOException {
        byte[] body = json.toJsonBytes(call);
        String head =
                "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                        .formatted(call.method(), call.path(), body.length);
        ByteBuffer request = ByteBuffer.allocate(head.length() + body.length)
                .put(head.getBytes(StandardCharsets.US_ASCII))
                .put(body)
                .flip();
        while (request.hasRemaining()) {
            channel.write(request);
        }
    }

    private String reason(HttpResponse response) {
        try {
            String fault =
                    json.type(ApiCall.Refusal.class).fromJson(response.body()).faultMessage();
            if (fault != null) {
                return fault.strip().replace('\n', ' ');
            }
        } catch (JsonException | IllegalStateException e) {
            // Some answers are not even JSON (an oversized request's); then all of it is the reason.
        }
        return "status %d %s"
                .formatted(response.status(), response.body().strip().replace('\n', ' '));
    }
}
