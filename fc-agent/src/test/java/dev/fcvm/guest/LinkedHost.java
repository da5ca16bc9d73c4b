package dev.fcvm.guest;

import dev.fcvm.guest.container.Container;
import dev.fcvm.guest.system.Child;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A host with three streams, and both ends of the link they run over. */
public final class LinkedHost implements AutoCloseable {

    public static final long LIMIT = 10_000_000;

    private final UnixLink way;
    private final LinkAcceptor hosts;
    public Link host;
    public Link guest;
    public LinkStream stdin;
    public LinkStream stdout;
    public LinkStream stderr;

    public LinkedHost(Path directory) throws Exception {
        way = new UnixLink(directory);
        hosts = Links.guest(way.guest(), LinkOptions.defaults());
        begin();
    }

    /** Begins another session in the place of the last. */
    public void begin() throws Exception {
        host = way.host();
        stdin = host.openStream();
        stdout = host.openStream();
        stderr = host.openStream();
        guest = hosts.accept();
        while (!guest.session().equals(host.session())) {
            guest = hosts.accept();
        }
    }

    /** Starts a container with these streams, from their beginning. */
    public Container start(TestGuest of, List<String> command) throws Exception {
        var container = begin(of, command);
        attach(container, 0, 0);
        return container;
    }

    /** Starts one and joins nothing. */
    public static Container begin(TestGuest of, List<String> command) throws Exception {
        return Container.of(
                Child.start(command, Optional.empty(), true),
                new Container.Launch("c", "otter", true, LIMIT),
                List.of(),
                of.files,
                of.console,
                _ -> {});
    }

    public Message.Attached attach(Container container, long stdoutFrom, long stderrFrom) throws Exception {
        var attach = new Message.Attach(
                container.id(), stdin.number(), stdout.number(), stderr.number(), stdoutFrom, stderrFrom);
        host.send(attach);
        return container.attach(guest, (Message.Attach) guest.receive());
    }

    @Override
    public void close() throws IOException {
        host.close();
        hosts.close();
        way.close();
    }
}
