package dev.fcvm.vmm.firecracker;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
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

/** A socket whose n-th connection gets the n-th answer after its first bytes, for what the real one never does. */
final class FakeFirecracker implements AutoCloseable {

    /** Closes the connection without an answer. */
    static final String HANG_UP = "hang up";

    /** Never answers. */
    static final String SILENCE = "";

    private final ServerSocketChannel server;
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    FakeFirecracker(Path path, String... answers) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(() -> serve(answers));
    }

    /** Returns what one connection sent first. */
    String request() throws InterruptedException {
        return requests.take();
    }

    private void serve(String... answers) {
        try {
            for (String answer : answers) {
                SocketChannel channel = server.accept();
                InputStream input = new BufferedInputStream(Channels.newInputStream(channel));
                byte[] first = new byte[4096];
                int count = input.read(first);
                requests.add(new String(first, 0, Math.max(0, count), StandardCharsets.US_ASCII));
                if (answer.equals(HANG_UP)) {
                    channel.close();
                } else {
                    channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
                }
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
