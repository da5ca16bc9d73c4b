package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.net.port.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * By which other processes (fcvm port, publish, unpublish) ask whoever supervises a machine about its published ports: who
 * supervises it is the one who changes them, so that nothing is changed twice at once, or behind its back. They speak over
 * a socket that belongs to the machine's user and lies where neither the guest nor its monitor gets to.
 *
 * <p>A question is a verb and ports, as {@code --publish} has them, one a line; so is the answer, whose first line is
 * {@code done} or a {@link Kind}, with the message after it.
 */
final class PortServer implements AutoCloseable {

    static final String LIST = "list";
    static final String PUBLISH = "publish";
    static final String UNPUBLISH = "unpublish";
    static final String DONE = "done";

    /** A port is at most some 70 bytes long. */
    private static final int MOST = 2 * PublishedPorts.MOST * 100;

    private final Path socket;
    private final ServerSocketChannel server;
    private final JoinedNetwork network;

    private PortServer(Path socket, ServerSocketChannel server, JoinedNetwork network) {
        this.socket = socket;
        this.server = server;
        this.network = network;
    }

    /** Returns where a machine's is spoken to. */
    static Path socket(Path sockets) {
        return sockets.resolve("ports.sock");
    }

    /**
     * Begins.
     *
     * @param sockets a directory (0700) of the machine's that its monitor has no part in
     */
    static PortServer open(Path sockets, JoinedNetwork network) throws FcvmException {
        Path socket = socket(sockets);
        try {
            Files.deleteIfExists(socket);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(socket));
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            PortServer opened = new PortServer(socket, server, network);
            Thread.ofVirtual().name("ports").start(opened::serve);
            return opened;
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot listen on %s: %s".formatted(socket, e.getMessage()), e);
        }
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("ports-client").start(() -> answer(client));
            }
        } catch (ClosedChannelException closed) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot take connections on " + socket, e);
        }
    }

    private void answer(SocketChannel client) {
        try (client) {
            List<String> question = new String(Exchange.whole(client, MOST), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            Exchange.write(client, answer(question));
        } catch (IOException e) {
            return; // whoever asked is gone, and has said so
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String answer(List<String> question) throws InterruptedException {
        try {
            List<PublishedPort> ports =
                    PublishedPorts.settled(question.stream().skip(1).toList());
            return text(DONE, written(done(question.isEmpty() ? "" : question.getFirst(), ports)));
        } catch (FcvmException refused) {
            return text(refused.kind().name(), List.of(String.valueOf(refused.getMessage())));
        }
    }

    private List<PublishedPort> done(String verb, List<PublishedPort> ports)
            throws FcvmException, InterruptedException {
        return switch (verb) {
            case LIST -> network.published();
            case PUBLISH -> network.publish(ports);
            case UNPUBLISH -> {
                network.unpublish(ports);
                yield List.of();
            }
            default -> throw new FcvmException(Kind.USAGE, "this is no question about ports");
        };
    }

    static List<String> written(List<PublishedPort> ports) {
        return ports.stream().map(PublishedPorts::written).toList();
    }

    /** Returns what is sent: a word and lines. */
    static String text(String word, List<String> lines) {
        List<String> all = new ArrayList<>(List.of(word));
        all.addAll(lines);
        return String.join("\n", all);
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + socket, e);
        }
    }
}
