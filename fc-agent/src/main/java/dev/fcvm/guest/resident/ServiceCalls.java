package dev.fcvm.guest.resident;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Requests to Podman's service (podman-system-service(1)): each on a connection of its own, which the answer's end closes.
 *
 * @param socket where it listens
 * @param patience how long an answer may take
 */
record ServiceCalls(Path socket, Duration patience) {

    /** No answer to what is asked here is nearly as long. */
    private static final int LONGEST = 1 << 20;

    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;

    /**
     * Asks for something, and returns the answer's body.
     *
     * @param path below that of Podman's own interface
     * @throws IOException when it refuses, with its words, or does not answer in time
     */
    String ask(String method, String path, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        // In HTTP's first version no answer comes in chunks.
        byte[] head = String.join(
                        "\r\n",
                        method + " /v5.0.0/libpod" + path + " HTTP/1.0",
                        "Host: podman",
                        "Content-Type: application/json",
                        "Content-Length: " + content.length,
                        "",
                        "")
                .getBytes(StandardCharsets.US_ASCII);
        long end = System.nanoTime() + patience.toNanos();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(
                    channel,
                    ByteBuffer.allocate(head.length + content.length)
                            .put(head)
                            .put(content)
                            .flip());
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            return body(method + " " + path, read(channel, selector, end));
        }
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String read(SocketChannel channel, Selector selector, long end) throws IOException {
        var answer = new ByteArrayOutputStream();
        var buffer = ByteBuffer.allocate(4096);
        int count = channel.read(buffer);
        while (count >= 0) {
            answer.write(buffer.array(), 0, buffer.position());
            if (answer.size() > LONGEST) {
                throw new IOException("Podman's answer is too long");
            }
            buffer.clear();
            if (count == 0) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new IOException("Podman does not answer");
                }
                selector.select(left);
            }
            count = channel.read(buffer);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    private static String body(String asked, String answer) throws IOException {
        int end = answer.indexOf("\r\n\r\n");
        String[] status = answer.split(" ", 3);
        if (end < 0 || status.length < 3 || !status[1].matches("[1-5][0-9]{2}")) {
            throw new IOException("Podman's answer to " + asked + " is no HTTP");
        }
        int code = Integer.parseInt(status[1]);
        String body = answer.substring(end + 4).strip();
        if (code != CREATED && code != NO_CONTENT && code != 200) {
            throw new IOException("Podman refuses " + asked + ": " + code + " " + body);
        }
        return body;
    }
}
