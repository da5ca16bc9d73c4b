package dev.fcvm.agent;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.Message;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A host's and a guest's end of a real link, over a Unix socket; the test plays the agent. */
final class AgentPair implements AutoCloseable {

    /** Small, so that a writer soon waits. */
    static final int WINDOW = 4096;

    private final ServerSocketChannel server;
    private final LinkAcceptor hosts;
    final Link host;
    final Link agent;

    AgentPair(Path directory) throws Exception {
        var options = new LinkOptions(WINDOW, LinkOptions.defaults().longestPause());
        var address = UnixDomainSocketAddress.of(directory.resolve("link.sock"));
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        hosts = Links.guest(server::accept, options);
        host = Links.host(() -> SocketChannel.open(address), options);
        agent = hosts.accept();
    }

    /** Returns the agent's end of a stream the host has opened. */
    LinkStream joined(LinkStream opened) throws Exception {
        host.send(new Message.Attach("c", opened.number(), 0, 0, 0, 0));
        return agent.joinStream(((Message.Attach) agent.receive()).stdin());
    }

    @Override
    public void close() throws IOException {
        host.close();
        hosts.close();
        server.close();
    }
}
