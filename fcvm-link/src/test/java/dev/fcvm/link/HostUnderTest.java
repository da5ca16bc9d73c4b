package dev.fcvm.link;

import static dev.fcvm.link.Frames.list;
import static dev.fcvm.link.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A host whose guest is not what it should be: with stream 1 open and five bytes written to it. */
final class HostUnderTest implements AutoCloseable {

    static final int WINDOW = 1024;

    final SocketCable cable = SocketCable.unbroken();
    final Session link;
    final LinkStream stream;
    HostilePeer guest;

    HostUnderTest() throws Exception {
        this(WINDOW);
    }

    HostUnderTest(int window) throws Exception {
        var opened = new CountDownLatch(1);
        Dialer dialer = () -> {
            opened.await();
            return cable.dialHost();
        };
        link = (Session) Links.host(dialer, new LinkOptions(window, Duration.ZERO));
        stream = link.openStream();
        stream.output().write(new byte[5]);
        opened.countDown();
        guest = HostilePeer.guest(cable);
    }

    /** Answers the greeting as a guest should, and hears the five bytes. */
    void agree() throws IOException {
        guest.send(welcome(guest.nonce(), 2, list(0, 0, 0, 0, 1, 0, 0, 0)));
        guest.awaitData(5);
    }

    /** Breaks the channel, and waits for the next greeting. */
    void greetAgain() throws Exception {
        guest.hangUp();
        guest = HostilePeer.guest(cable);
    }

    void awaitLive(int count) {
        while (link.streams().live().length != count) {
            Thread.onSpinWait();
        }
    }

    void assertOver(String expected) throws Exception {
        assertThatThrownBy(() -> {
                    while (true) {
                        link.receive();
                    }
                })
                .isInstanceOf(LinkException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining("the guest");
        assertThat(link.ended()).isTrue();
        assertThatThrownBy(link::openStream).hasMessageContaining(expected);
        // Whatever was sent, no more is held than the windows allow.
        for (var live : link.streams().live()) {
            assertThat(live.receiveBuffer().capacity()).isLessThanOrEqualTo(WINDOW);
            assertThat(live.sendBuffer().capacity()).isLessThanOrEqualTo(WINDOW);
        }
        assertThat(link.streams().live()).hasSizeLessThanOrEqualTo(2);
        // And the channel is closed: the guest can say no more.
        guest.drain();
    }

    @Override
    public void close() throws IOException {
        link.close();
        guest.close();
        cable.close();
    }
}
