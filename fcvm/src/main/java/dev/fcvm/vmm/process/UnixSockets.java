package dev.fcvm.vmm.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.SocketFile;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Connections to the sockets a monitor makes. */
public final class UnixSockets {

    /** What {@code sun_path} of unix(7) holds without its closing zero. */
    public static final int PATH_LIMIT = 107;

    /** As long as a monitor usually needs; each millisecond of it is a millisecond of the machine's start. */
    private static final Duration EAGER = Duration.ofMillis(300);

    private static final Duration SHORT_PAUSE = Duration.ofMillis(1);
    private static final Duration LONG_PAUSE = Duration.ofMillis(10);

    private UnixSockets() {}

    /**
     * Checks that a path is short enough for a socket.
     *
     * @param path an absolute path
     * @param room how many more bytes a monitor adds to it
     */
    public static Path checked(Path path, int room) throws FcvmException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length + room;
        if (length > PATH_LIMIT) {
            throw new FcvmException(
                    Kind.HOST,
                    "the socket %s would have a path of %d bytes, and Linux allows %d: set XDG_RUNTIME_DIR to a shorter one"
                            .formatted(path, length, PATH_LIMIT));
        }
        return path;
    }

    /**
     * Connects to a socket as soon as it is there; never to what a link of that name leads to. The channel blocks.
     *
     * @param expected whether it may still come; asked before each attempt but the first
     * @param atMost how long to try
     * @throws IOException when it is not expected any more, or did not come in time
     */
    public static SocketChannel connect(Path socket, BooleanSupplier expected, Duration atMost)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    return connect(socket);
                } catch (SocketException e) {
                    // Made, but nobody listens yet, or nobody any more.
                }
            }
            if (!expected.getAsBoolean()) {
                throw new IOException("nobody listens on " + socket);
            }
            long waited = System.nanoTime() - begin;
            if (waited > atMost.toNanos()) {
                throw new IOException("nobody listened on %s within %d s".formatted(socket, atMost.toSeconds()));
            }
            Thread.sleep(waited < EAGER.toNanos() ? SHORT_PAUSE : LONG_PAUSE);
        }
    }

    private static SocketChannel connect(Path socket) throws IOException, InterruptedException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (SocketFile file = SocketFile.open(socket)) {
            channel.connect(UnixDomainSocketAddress.of(file.path()));
            return channel;
        } catch (ClosedByInterruptException e) {
            throw interrupted(e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Turns the end of a channel by an interruption into the interruption it was. */
    public static InterruptedException interrupted(ClosedByInterruptException cause) {
        var _ = Thread.interrupted(); // the exception carries it on
        InterruptedException interruption = new InterruptedException("interrupted while using a socket");
        interruption.initCause(cause);
        return interruption;
    }
}
