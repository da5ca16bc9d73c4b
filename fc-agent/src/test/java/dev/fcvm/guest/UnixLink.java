package dev.fcvm.guest;

import dev.fcvm.link.Dialer;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The way between a host and a guest in one process: a Unix socket in the place of the machine's. */
final class UnixLink implements AutoCloseable {

    private final UnixDomainSocketAddress address;
    private final ServerSocketChannel server;

    UnixLink(Path directory) throws IOException {
        address = UnixDomainSocketAddress.of(directory.resolve("link.sock"));
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
    }

    /** The guest's end: waits for a host. */
    Dialer guest() {
        return server::accept;
    }

    /** A host's session. */
    Link host() {
        return Links.host(() -> SocketChannel.open(address), LinkOptions.defaults());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
