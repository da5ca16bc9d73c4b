package dev.fcvm.vmm.firecracker.api;

import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.vmm.process.Deadline;
import dev.fcvm.vmm.process.UnixSockets;
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
public final class ApiConnection implements AutoCloseable {

    /** The longest body Firecracker takes. After a longer one it takes the rest for further requests. */
    private static final int LONGEST_BODY = 51_200;

    private final SocketChannel channel;
    private final InputStream answers;
    private final FirecrackerVersion version;
    private final ReentrantLock turn = new ReentrantLock();

    private ApiConnection(SocketChannel channel, InputStream answers, FirecrackerVersion version) {
        this.channel = channel;
        this.answers = answers;
        this.version = version;
    }

    /**
     * Asks Firecracker for its version, by which all calls are then shaped.
     *
     * @param channel a blocking channel, owned by this object from now on
     * @param atMost how long the answer may take
     * @throws ApiRefusal when this driver does not speak to that version
     * @throws IOException when it does not answer in time, or is none
     */
    public static ApiConnection open(SocketChannel channel, Duration atMost) throws IOException, InterruptedException {
        InputStream answers = new BufferedInputStream(Channels.newInputStream(channel));
        ApiConnection asking = new ApiConnection(channel, answers, FirecrackerVersion.OLDEST);
        boolean open = false;
        try {
            String told = asking.ask(new Instance.AskVersion(), atMost).firecrackerVersion();
            FirecrackerVersion version = FirecrackerVersion.parse(told)
                    .orElseThrow(() ->
                            new IOException("firecracker says it is of version '%s', which is none".formatted(told)));
            if (!version.isAtLeast(FirecrackerVersion.OLDEST)) {
                throw new ApiRefusal(
                        "firecracker %s is too old: take %s or newer".formatted(version, FirecrackerVersion.OLDEST),
                        "");
            }
            open = true;
            return new ApiConnection(channel, answers, version);
        } finally {
            if (!open) {
                asking.close();
            }
        }
    }

    /** Returns the version that answers. */
    public FirecrackerVersion version() {
        return version;
    }

    /**
     * Makes a call and waits for its answer.
     *
     * @throws ApiRefusal when Firecracker refuses, with its reason, or when its version cannot do it
     * @throws IOException when it does not answer in time or has ended
     */
    public void call(ApiCall call) throws IOException, InterruptedException {
        call(call, call.patience());
    }

    /** The same with a time of the caller's for the answer. */
    public void call(ApiCall call, Duration atMost) throws IOException, InterruptedException {
        exchange(call, atMost);
    }

    /** Makes a call that asks something, and returns the answer; otherwise as {@link #call(ApiCall)}. */
    public <A> A ask(ApiCall.Get<A> call) throws IOException, InterruptedException {
        return ask(call, call.patience());
    }

    private <A> A ask(ApiCall.Get<A> call, Duration atMost) throws IOException, InterruptedException {
        String body = exchange(call, atMost).body();
        if (call.answer() == String.class) {
            return call.answer().cast(body);
        }
        try {
            return UntrustedJson.read(Adapters.of(call.answer()), body);
        } catch (MalformedJson e) {
            throw new IOException(
                    "firecracker did not %s in words we know: %s".formatted(call.purpose(), oneLine(body)), e);
        }
    }

    private HttpResponse exchange(ApiCall call, Duration atMost) throws IOException, InterruptedException {
        check(call);
        byte[] body = body(call);
        turn.lockInterruptibly();
        boolean answered = false;
        try (Deadline deadline = Deadline.closing(channel, atMost)) {
            try {
                send(call, body);
                HttpResponse response = HttpResponse.read(answers);
                answered = true;
                if (!response.succeeded()) {
                    throw refusal(call, response);
                }
                return response;
            } catch (ClosedByInterruptException e) {
                throw UnixSockets.interrupted(e);
            } catch (IOException e) {
                throw deadline.passed()
                        ? new IOException(
                                "firecracker did not %s within %d s"
                                        .formatted(call.purpose(), Math.ceilDiv(atMost.toMillis(), 1000)),
                                e)
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

    private void check(ApiCall call) throws ApiRefusal {
        for (Feature feature : call.features()) {
            var refusal = feature.refusal(version);
            if (refusal.isPresent()) {
                throw new ApiRefusal(refusal.get(), "");
            }
        }
        for (KnownFault fault : call.faults()) {
            if (fault.isIn(version)) {
                throw new ApiRefusal(fault.describe(version), "");
            }
        }
    }

    private byte[] body(ApiCall call) throws ApiRefusal {
        byte[] body = call.body(version).getBytes(StandardCharsets.UTF_8);
        if (body.length > LONGEST_BODY) {
            throw new ApiRefusal(
                    "firecracker cannot %s: that takes %d bytes, and it reads no more than %d"
                            .formatted(call.purpose(), body.length, LONGEST_BODY),
                    "");
        }
        return body;
    }

    private void send(ApiCall call, byte[] body) throws IOException {
        StringBuilder head =
                new StringBuilder("%s %s HTTP/1.1\r\nHost: localhost\r\n".formatted(call.method(), call.path()));
        // A GET with a body, even an empty one that is announced, is refused.
        if (body.length > 0) {
            head.append("Content-Type: application/json\r\nContent-Length: %d\r\n".formatted(body.length));
        }
        head.append("\r\n");
        ByteBuffer request = ByteBuffer.allocate(head.length() + body.length)
                .put(head.toString().getBytes(StandardCharsets.US_ASCII))
                .put(body)
                .flip();
        while (request.hasRemaining()) {
            channel.write(request);
        }
    }

    private ApiRefusal refusal(ApiCall call, HttpResponse response) {
        String fault = response.body();
        try {
            ApiRefusal.Body refusal = UntrustedJson.read(Adapters.of(ApiRefusal.Body.class), fault);
            fault = refusal.faultMessage().or(refusal::error).orElse(fault);
        } catch (MalformedJson e) {
            // Some answers are not even JSON (an oversized request's); then all of it is the reason.
        }
        String shown = fault.isBlank() ? "status " + response.status() : oneLine(fault);
        return new ApiRefusal("firecracker could not %s: %s".formatted(call.purpose(), shown), fault);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
