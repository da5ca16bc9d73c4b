package dev.fcvm.cli;

import dev.fcvm.machine.live.RehearsalVmm;
import dev.fcvm.supervisor.SupervisorIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Goes through a supervisor's life, with a launcher that speaks docs/launcher-protocol.md, for {@link Training}. */
final class SupervisorTraining {

    private static final String DIGEST = "0".repeat(64);
    private static final String NAMESPACES = "of the training";
    private static final int EXIT = 40;
    private static final int WRITTEN = 6;
    private static final int OUTPUT = 36;
    private static final int ERRORS = 37;

    private SupervisorTraining() {}

    /** Runs these commands in a supervisor, and fails when one of them ends otherwise than with 0. */
    static void run(Path directory, Map<String, String> environment, List<List<String>> commands) throws Exception {
        Path socket = directory.resolve("training.sock");
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        var identity = new SupervisorIdentity(socket, directory.toRealPath(), NAMESPACES, DIGEST);
        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<?> served = threads.submit(() -> {
                SupervisorMain.serve(listener, identity, _ -> RehearsalVmm.choice());
                return null;
            });
            for (List<String> command : commands) {
                call(socket, environment, command);
            }
            call(socket, environment, List.of("supervisor", "stop"));
            served.get();
        }
    }

    private static void call(Path socket, Map<String, String> environment, List<String> command) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            send(channel, 1, ("fcvm\1" + DIGEST).getBytes(StandardCharsets.US_ASCII));
            send(channel, 2, request(environment, command));
            send(channel, 3);
            int code = -1;
            while (code < 0) {
                ByteBuffer head = read(channel, 5);
                int type = head.get();
                ByteBuffer payload = read(channel, head.getInt());
                switch (type) {
                    case OUTPUT, ERRORS ->
                        send(
                                channel,
                                WRITTEN,
                                ByteBuffer.allocate(5)
                                        .put((byte) (type - OUTPUT))
                                        .putInt(payload.remaining())
                                        .array());
                    case EXIT -> code = payload.get();
                    default -> {} // WELCOME
                }
            }
            if (code != 0) {
                throw new IllegalStateException("fcvm %s ended with %d".formatted(String.join(" ", command), code));
            }
        }
    }

    private static byte[] request(Map<String, String> environment, List<String> command) {
        var body = new ByteArrayOutputStream();
        command.forEach(word -> field(body, 'a', word.getBytes(StandardCharsets.UTF_8)));
        environment.forEach((name, value) -> field(body, 'e', (name + "=" + value).getBytes(StandardCharsets.UTF_8)));
        field(body, 'd', "/".getBytes(StandardCharsets.UTF_8));
        field(body, 'n', NAMESPACES.getBytes(StandardCharsets.UTF_8));
        field(body, 'u', 0, 0, 0, 022);
        field(body, 'p', 0, 0, 0, 1);
        field(body, 't', 0, 0, 0, 0, 0);
        return body.toByteArray();
    }

    private static void field(ByteArrayOutputStream body, char tag, int... value) {
        var bytes = new byte[value.length];
        for (int at = 0; at < value.length; at++) {
            bytes[at] = (byte) value[at];
        }
        field(body, tag, bytes);
    }

    private static void field(ByteArrayOutputStream body, char tag, byte[] value) {
        body.write(tag);
        body.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).array());
        body.writeBytes(value);
    }

    private static void send(SocketChannel channel, int type, byte... payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(5 + payload.length);
        frame.put((byte) type).putInt(payload.length).put(payload).flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    private static ByteBuffer read(SocketChannel channel, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the supervisor ended before the command did");
            }
        }
        return bytes.flip();
    }
}
