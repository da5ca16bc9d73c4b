package dev.fcvm.machine.ready;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A machine over a real link, whose agent the test plays. */
final class PlayedMachine implements ReadySubject, AutoCloseable {

    final CompletableFuture<Void> ended = new CompletableFuture<>();
    final Signs signs = new Signs();
    final Link agent;
    private final ServerSocketChannel server;
    private final LinkAcceptor hosts;
    private final AgentSession session;

    PlayedMachine(Path directory) throws Exception {
        var address = UnixDomainSocketAddress.of(directory.resolve("link.sock"));
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        hosts = Links.guest(server::accept, LinkOptions.defaults());
        session = AgentSession.open(Links.host(() -> SocketChannel.open(address), LinkOptions.defaults()), event -> {});
        agent = hosts.accept();
    }

    @Override
    public String container() {
        return "c";
    }

    @Override
    public Optional<AgentSession> agent() {
        return Optional.of(session);
    }

    @Override
    public Signs signs() {
        return signs;
    }

    @Override
    public CompletableFuture<?> ended() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        session.close();
        hosts.close();
        server.close();
    }
}
