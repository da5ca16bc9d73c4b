package dev.fcvm.link;

import dev.fcvm.link.message.Message;
import java.time.Duration;

/** Both ends of a link in one process. */
record LinkPair(Link host, LinkAcceptor guests, Link guest) implements AutoCloseable {

    static final LinkOptions QUICK = new LinkOptions(256 * 1024, Duration.ZERO);

    static LinkPair over(SocketCable cable, LinkOptions options) throws Exception {
        return of(cable::dialHost, cable::dialGuest, options);
    }

    static LinkPair over(SerialCable cable, LinkOptions options) throws Exception {
        return of(cable::dialHost, cable::dialGuest, options);
    }

    static LinkPair unbroken() throws Exception {
        return over(SocketCable.unbroken(), QUICK);
    }

    static LinkPair withWindow(int window) throws Exception {
        return over(SocketCable.unbroken(), new LinkOptions(window, Duration.ZERO));
    }

    static LinkPair of(Dialer host, Dialer guest, LinkOptions options) throws Exception {
        var link = Links.host(host, options);
        var acceptor = Links.guest(guest, options);
        return new LinkPair(link, acceptor, acceptor.accept());
    }

    /** Returns the guest's end of a stream the host has opened, once the guest knows it. */
    LinkStream joined(LinkStream opened) throws Exception {
        host.send(new Message.Attach("c", opened.number(), 0, 0, 0, 0));
        var attach = (Message.Attach) guest.receive();
        return guest.joinStream(attach.stdin());
    }

    @Override
    public void close() throws java.io.IOException {
        host.close();
        guests.close();
    }
}
