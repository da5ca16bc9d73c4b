package dev.fcvm.vmm.firecracker.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An API that answers the n-th request of its one connection with the n-th answer, whatever it asks: for versions there
 * are no programs of, and for what a genuine one does not do on demand.
 */
final class FakeApi implements AutoCloseable {

    /** Closes the connection without an answer. */
    static final String HANG_UP = "hang up";

    /** Never answers. */
    static final String SILENCE = "";

    static final String DONE = "HTTP/1.1 204 \r\n\r\n";

    private final ServerSocketChannel server;
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    FakeApi(Path path, String... answers) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(() -> serve(answers));
    }

    static String version(String version) {
        return body(200, "{\"firecracker_version\":\"" + version + "\"}");
    }

    static String body(int status, String body) {
        return "HTTP/1.1 %d \r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
    }

    /** Returns the next request, whole. */
    String request() throws InterruptedException {
        return requests.take();
    }

    private void serve(String... answers) {
        try (SocketChannel channel = server.accept()) {
            BufferedReader input =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            for (String answer : answers) {
                requests.add(request(input));
                if (answer.equals(HANG_UP)) {
                    return;
                }
                channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            }
            requests.add(request(input)); // holds the connection open until the other side closes it
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static String request(BufferedReader input) throws IOException {
        StringBuilder request = new StringBuilder();
        int length = 0;
        for (String line = input.readLine(); line != null && !line.isEmpty(); line = input.readLine()) {
            request.append(line).append('\n');
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring("Content-Length: ".length()));
            }
        }
        for (request.append('\n'); length > 0; length--) {
            request.append((char) input.read());
        }
        return request.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
