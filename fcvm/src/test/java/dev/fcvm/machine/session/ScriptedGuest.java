package dev.fcvm.machine.session;

import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The guest's end of a real link over a socket, which follows a script. */
final class ScriptedGuest implements AutoCloseable {

    private final Path directory;
    private final UnixDomainSocketAddress address;
    private final ServerSocketChannel server;
    private final LinkAcceptor acceptor;

    /** What the guest does. */
    interface Script {
        void follow(Link link) throws Exception;
    }

    ScriptedGuest() throws IOException {
        directory = Files.createTempDirectory("guest");
        address = UnixDomainSocketAddress.of(directory.resolve("s"));
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        acceptor = Links.guest(server::accept, LinkOptions.defaults());
    }

    /** Begins to follow a script, and then waits until the host ends the session. */
    void play(Script script) {
        Thread.ofVirtual().start(() -> {
            try (Link link = acceptor.accept()) {
                script.follow(link);
                link.receive();
            } catch (Exception over) {
                // The host's side of the test says what went wrong; a failed assertion is an error, and shown.
                return;
            }
        });
    }

    Link hostsEnd() {
        return Links.host(() -> SocketChannel.open(address), LinkOptions.defaults());
    }

    @Override
    public void close() {
        acceptor.close();
        try {
            server.close();
            DirectoryTree.delete(directory);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }
}
