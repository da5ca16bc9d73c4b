package dev.fcvm.vmm.firecracker;

import dev.fcvm.vmm.process.Deadline;
import dev.fcvm.vmm.process.UnixSockets;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Connects to a port of the guest through the socket Firecracker makes for its vsock device.
 *
 * @param socket the device's socket
 * @param machineRuns whether the machine still runs
 */
record VsockDialer(Path socket, BooleanSupplier machineRuns) {

    /** Firecracker itself gives up after two seconds, but looks at its clock only when somebody else connects. */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);
    private static final int ANSWER_LIMIT = 32;

    /**
     * Connects, waiting until the guest listens.
     *
     * @throws IOException when the machine has ended
     */
    SocketChannel dial(int port) throws IOException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            SocketChannel channel = UnixSockets.connect(socket, machineRuns, ANSWER_PATIENCE);
            boolean connected = false;
            try {
                handshake(channel, port);
                connected = true;
                return channel;
            } catch (ClosedByInterruptException e) {
                throw UnixSockets.interrupted(e);
            } catch (IOException e) {
                // Nobody listens on the port yet: the connection is closed, reset or left hanging.
                if (!machineRuns.getAsBoolean()) {
                    throw new IOException("the machine has ended", e);
                }
            } finally {
                if (!connected) {
                    channel.close();
                }
            }
            Thread.sleep(pause);
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private static void handshake(SocketChannel channel, int port) throws IOException {
        Deadline deadline = Deadline.closing(channel, ANSWER_PATIENCE);
        try (deadline) {
            ByteBuffer request = StandardCharsets.US_ASCII.encode("CONNECT %d\n".formatted(port));
            int length = request.remaining();
            // Firecracker reads the request once: what comes in a second piece is lost.
            if (channel.write(request) != length) {
                throw new SocketException("the request was cut");
            }
            String answer = line(channel);
            if (!answer.startsWith("OK ")) {
                throw new IOException("firecracker answered: " + answer);
            }
        }
        if (deadline.passed()) {
            throw new SocketException("the channel was closed by its deadline");
        }
    }

    /** Reads to the line's end and not a byte further: what follows is the guest's. */
    private static String line(SocketChannel channel) throws IOException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.length() < ANSWER_LIMIT) {
            if (channel.read(one.clear()) < 0) {
                throw new EOFException("nobody listens in the guest");
            }
            char next = (char) one.get(0);
            if (next == '\n') {
                return line.toString();
            }
            line.append(next);
        }
        throw new IOException("firecracker's answer has no end");
    }
}
