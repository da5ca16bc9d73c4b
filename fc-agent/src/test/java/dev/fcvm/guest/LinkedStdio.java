package dev.fcvm.guest;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Links;
import dev.fcvm.link.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A container's standard streams, with both ends of the link they run over. */
final class LinkedStdio implements AutoCloseable {

    private final UnixLink way;
    private final LinkAcceptor hosts;
    private final Link host;
    final LinkStream stdin;
    final LinkStream stdout;
    final LinkStream stderr;
    final ContainerStdio stdio;

    LinkedStdio(Path directory) throws Exception {
        way = new UnixLink(directory);
        hosts = Links.guest(way.guest(), LinkOptions.defaults());
        host = way.host();
        stdin = host.openStream();
        stdout = host.openStream();
        stderr = host.openStream();
        host.send(new Message.Run("", List.of(), stdin.number(), stdout.number(), stderr.number()));
        Link guest = hosts.accept();
        stdio = ContainerStdio.join(guest, (Message.Run) guest.receive());
    }

    @Override
    public void close() throws IOException {
        host.close();
        hosts.close();
        way.close();
    }
}
