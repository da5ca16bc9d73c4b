package dev.fcvm.supervisor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A launcher's end of the connection, which says just what a test has it say. */
final class PlayedLauncher implements AutoCloseable {

    static final String DIGEST = "d".repeat(64);
    static final String NAMESPACES = "net:[1] mnt:[2] pid:[3] user:[4]";

    private final SocketChannel channel;

    /** What the supervisor has sent. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Received(Frame.Type type, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    PlayedLauncher(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** Connects and asks for a command, as a launcher does. */
    static PlayedLauncher asking(Path socket, String... words) throws IOException {
        var launcher = new PlayedLauncher(socket);
        launcher.greet(DIGEST);
        launcher.send(Frame.Type.REQUEST, request(List.of(words), List.of("A=B"), "/somewhere"));
        launcher.send(Frame.Type.BEGIN);
        return launcher;
    }

    void greet(String digest) throws IOException {
        send(Frame.Type.HELLO, ("fcvm\1" + digest).getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] request(List<String> words, List<String> environment, String directory) {
        var body = new ByteArrayOutputStream();
        words.forEach(word -> field(body, 'a', word.getBytes(StandardCharsets.ISO_8859_1)));
        environment.forEach(entry -> field(body, 'e', entry.getBytes(StandardCharsets.ISO_8859_1)));
        field(body, 'd', directory.getBytes(StandardCharsets.UTF_8));
        field(body, 'h', "/opt/fcvm".getBytes(StandardCharsets.UTF_8));
        field(body, 'n', NAMESPACES.getBytes(StandardCharsets.UTF_8));
        field(body, 'u', ByteBuffer.allocate(4).putInt(027).array());
        field(body, 'p', ByteBuffer.allocate(4).putInt(4711).array());
        field(body, 't', new byte[] {5, 0, 80, 0, 25});
        return body.toByteArray();
    }

    static void field(ByteArrayOutputStream body, char tag, byte[] value) {
        body.write(tag);
        body.writeBytes(ByteBuffer.allocate(4).putInt(value.length).array());
        body.writeBytes(value);
    }

    void send(Frame.Type type, byte... payload) throws IOException {
        sendRaw(type.number(), payload.length, payload);
    }

    void sendRaw(int type, int length, byte... payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(5 + payload.length);
        write(frame.put((byte) type).putInt(length).put(payload).flip());
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Says that so many bytes of a stream are written. */
    void written(int stream, int count) throws IOException {
        send(
                Frame.Type.WRITTEN,
                ByteBuffer.allocate(5).put((byte) stream).putInt(count).array());
    }

    /** Waits for the next frame; nothing at the connection's end. */
    Optional<Received> next() throws IOException {
        ByteBuffer head = read(5);
        if (head.hasRemaining()) {
            return Optional.empty();
        }
        head.flip();
        int number = head.get();
        ByteBuffer payload = read(head.getInt());
        var content = new byte[payload.flip().remaining()];
        payload.get(content);
        for (Frame.Type type : Frame.Type.values()) {
            if (type.number() == number) {
                return Optional.of(new Received(type, content));
            }
        }
        throw new AssertionError("a frame of type " + number);
    }

    /** Waits for the next frame of this type; what comes before must be of the others that are named. */
    Received await(Frame.Type wanted, Frame.Type... before) throws IOException {
        while (true) {
            Received received = next().orElseThrow(() -> new AssertionError("the end instead of " + wanted));
            if (received.type() == wanted) {
                return received;
            }
            if (!List.of(before).contains(received.type())) {
                throw new AssertionError(received.type() + " instead of " + wanted);
            }
        }
    }

    /** Goes through a command's life, and returns its exit code. */
    int exit() throws IOException {
        while (true) {
            Received received = next().orElseThrow(() -> new AssertionError("no exit code"));
            switch (received.type()) {
                case OUTPUT -> written(0, received.payload().length);
                case ERRORS -> written(1, received.payload().length);
                case EXIT -> {
                    return received.payload()[0] & 0xff;
                }
                default -> {}
            }
        }
    }

    private ByteBuffer read(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        int got = 0;
        while (got >= 0 && bytes.hasRemaining()) {
            got = channel.read(bytes);
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
