package dev.fcvm.net.port;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the published ports of a machine whose uplink translates addresses, and lets other processes (fcvm publish, fcvm
 * unpublish) have ports held and released while the machine runs: a port is held as long as it is published. They speak
 * over a socket that belongs to the machine's user and lies where neither the guest nor its monitor gets to.
 */
public final class PortKeeper implements AutoCloseable {

    private static final String NAME = "ports.sock";
    private static final String HOLD = "hold";
    private static final String RELEASE = "release";
    private static final String DONE = "done";
    private static final int MOST = 200;
    private static final Pattern QUESTION =
            Pattern.compile("(hold|release) (tcp|udp) ([0-9a-f:.]{2,45}) ([0-9]{1,5}) ([0-9]{1,5})");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final PortReservation held;
    private final Path socket;
    private final ServerSocketChannel server;

    private PortKeeper(PortReservation held, Path socket, ServerSocketChannel server) {
        this.held = held;
        this.socket = socket;
        this.server = server;
    }

    /**
     * Begins.
     *
     * @param sockets a directory (0700) of the machine's that its monitor has no part in
     * @param held what is held already; closed with this
     */
    public static PortKeeper open(Path sockets, PortReservation held) throws FcvmException {
        Path socket = sockets.resolve(NAME);
        try {
            Files.deleteIfExists(socket);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(socket));
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            PortKeeper keeper = new PortKeeper(held, socket, server);
            Thread.ofVirtual().name("ports").start(keeper::serve);
            return keeper;
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
            String question = new String(Exchange.whole(client, MOST), StandardCharsets.UTF_8);
            Exchange.write(client, done(question));
        } catch (IOException e) {
            return; // whoever asked is gone, and has said so
        }
    }

    private String done(String question) {
        Matcher words = QUESTION.matcher(question);
        if (!words.matches()) {
            return "this is no question about a port: " + Quoted.text(question);
        }
        try {
            PublishedPort port = new PublishedPort(
                    Optional.of(InetAddress.ofLiteral(words.group(3))),
                    Integer.parseInt(words.group(4)),
                    Integer.parseInt(words.group(5)),
                    words.group(2).equals(Protocol.TCP.word()) ? Protocol.TCP : Protocol.UDP);
            if (words.group(1).equals(HOLD)) {
                held.hold(port);
            } else {
                held.release(port);
            }
            return DONE;
        } catch (FcvmException | IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    /**
     * Has a settled port held by whoever supervises the machine; does nothing when nobody does.
     *
     * @throws FcvmException when it cannot be had
     */
    public static void hold(Path sockets, PublishedPort port) throws FcvmException {
        ask(sockets, HOLD, port);
    }

    /** Has a settled port released; does nothing when nobody holds it. */
    public static void release(Path sockets, PublishedPort port) throws FcvmException {
        ask(sockets, RELEASE, port);
    }

    private static void ask(Path sockets, String what, PublishedPort port) throws FcvmException {
        String answer;
        try {
            answer = new String(
                    new Exchange(sockets.resolve(NAME), "the machine's supervisor", PATIENCE)
                            .ask("%s %s %s %d %d"
                                    .formatted(
                                            what,
                                            port.protocol().word(),
                                            port.address().orElseThrow().getHostAddress(),
                                            port.hostPort(),
                                            port.guestPort())),
                    StandardCharsets.UTF_8);
        } catch (SocketTimeoutException e) {
            throw new FcvmException(Kind.HOST, "cannot %s %s: %s".formatted(what, port, e.getMessage()), e);
        } catch (IOException nobody) {
            return; // it was killed, and the machine is swept
        }
        if (!answer.equals(DONE)) {
            throw new FcvmException(Kind.IN_USE, answer);
        }
    }

    /** Lets go of all ports. */
    @Override
    public void close() {
        try (held) {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + socket, e);
        }
    }
}
