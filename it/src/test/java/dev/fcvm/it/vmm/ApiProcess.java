package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.ApiConnection;
import dev.fcvm.vmm.firecracker.api.ApiRefusal;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.process.Deadline;
import dev.fcvm.vmm.process.UnixSockets;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A genuine Firecracker that has been told nothing yet, in a directory of its own, and its API. */
record ApiProcess(Path directory, Child process, ApiConnection api) implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);

    /** A call by hand, for what the records do not say. */
    record Raw(String method, String path, String json) implements ApiCall {
        @Override
        public String purpose() {
            return method + " " + path;
        }

        @Override
        public String body(FirecrackerVersion version) {
            return json;
        }
    }

    static ApiProcess start(Place place) throws IOException, InterruptedException {
        return start(place, List.of());
    }

    /** Starts one behind these words, such as {@code unshare --net}. */
    static ApiProcess start(Place place, List<String> prefix) throws IOException, InterruptedException {
        return start(place, prefix, List.of());
    }

    /** Starts one behind these words and with these options. */
    static ApiProcess start(Place place, List<String> prefix, List<String> options)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(place.root(), "api");
        Path socket = directory.resolve("api.sock");
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Genuine.firecracker().toString(), "--api-sock", socket.toString(), "--id", "test", "--level", "Error"));
        command.addAll(options);
        Child process = Child.of(command).in(directory).deadline(Fcvm.BOOT).start();
        boolean answers = false;
        try {
            ApiConnection api = ApiConnection.open(UnixSockets.connect(socket, process::isAlive, PATIENCE), PATIENCE);
            answers = true;
            return new ApiProcess(directory, process, api);
        } finally {
            if (!answers) {
                process.close();
            }
        }
    }

    /** Makes a call that must be done. */
    ApiProcess does(ApiCall call) throws IOException, InterruptedException {
        api.call(call);
        return this;
    }

    /** Makes a call by hand that must be done. */
    ApiProcess does(String method, String path, String json) throws IOException, InterruptedException {
        return does(new Raw(method, path, json));
    }

    /** Makes a call that must be refused, and returns Firecracker's words. */
    String refuses(ApiCall call) throws IOException, InterruptedException {
        return refusal(call).map(ApiRefusal::fault).orElseThrow(() -> new AssertionError("not refused: " + call));
    }

    /** Makes a call by hand that must be refused, and returns Firecracker's words. */
    String refuses(String method, String path, String json) throws IOException, InterruptedException {
        return refuses(new Raw(method, path, json));
    }

    /** Makes a call, and returns the refusal if it is refused. */
    Optional<ApiRefusal> refusal(ApiCall call) throws IOException, InterruptedException {
        try {
            api.call(call);
            return Optional.empty();
        } catch (ApiRefusal e) {
            return Optional.of(e);
        }
    }

    /** Sends these bytes on a connection of their own, and returns the first of the answer, whole as it comes. */
    String answer(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("api.sock")))) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(request);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            ByteBuffer answer = ByteBuffer.allocate(4096);
            channel.read(answer);
            return StandardCharsets.US_ASCII.decode(answer.flip()).toString();
        }
    }

    /**
     * Connects to a port of the guest, by the vsock device whose socket is {@code vsock.sock}, and waits until somebody
     * listens there.
     */
    SocketChannel dial(int port) throws IOException, InterruptedException {
        return dial("vsock.sock", port);
    }

    /** The same by a socket of another name. */
    SocketChannel dial(String socket, int port) throws IOException, InterruptedException {
        while (true) {
            SocketChannel channel = UnixSockets.connect(directory.resolve(socket), process::isAlive, PATIENCE);
            // While nobody listens yet, it may be left hanging: Firecracker looks at its clock only for somebody else.
            try (Deadline deadline = Deadline.closing(channel, ANSWER_PATIENCE)) {
                channel.write(StandardCharsets.US_ASCII.encode("CONNECT " + port + "\n"));
                ByteBuffer answer = ByteBuffer.allocate(1);
                while (channel.read(answer.clear()) == 1) {
                    if (answer.get(0) == '\n' && !deadline.passed()) {
                        return channel;
                    }
                }
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                // Reset, or closed by the deadline.
                assertThat(process.isAlive()).as("the machine runs").isTrue();
            }
            channel.close();
            // Nobody listens yet, and there is no event that tells when.
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        api.close();
        process.close();
        process.closed();
    }
}
