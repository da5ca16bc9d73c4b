package dev.fcvm.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fcvm.link.message.Message;
import java.time.Duration;

/**
 * Whole endpoints, threads and all, with a hostile peer that knows the session's tag and nonce: its frames get through
 * to what is behind them. Whatever it sends, nothing fails but the session, and that with its reason.
 */
class EndpointFuzzTest {

    private static final int WINDOW = 64;
    private static final SessionId ID = new SessionId(3, 0x7777_0001L);

    @FuzzTest
    void shouldEndTheSessionWithAReasonWhateverTheGuestSends(byte[] bytes) throws Exception {
        var script = new Script(bytes);
        var cable = SocketCable.unbroken();
        var link = (Session) Links.host(cable::dialHost, new LinkOptions(WINDOW, Duration.ZERO));
        try (var guest = HostilePeer.guest(cable)) {
            // From here on a break is for good.
            cable.close();
            link.openStream().output().write(new byte[5]);
            if (script.small() % 4 != 0) {
                guest.send(Frames.welcome(guest.nonce(), 2, Frames.list(0, 0, 0, 0)));
            }
            var drained = Tasks.startCall(guest::drain);
            play(script, guest, guest.tag());
            guest.hangUp();
            drained.get();
        }
        assertOver(link, "the guest", "there is no channel");
    }

    @FuzzTest
    void shouldServeTheNextHostWhateverTheLastOneSent(byte[] bytes) throws Exception {
        var script = new Script(bytes);
        try (var cable = SocketCable.unbroken();
                var acceptor = Links.guest(cable::dialGuest, new LinkOptions(WINDOW, Duration.ZERO))) {
            try (var host = HostilePeer.host(cable)) {
                if (script.small() % 4 != 0) {
                    host.send(Frames.hello(2, 2, host.nonce(), ID, WINDOW, false, Frames.helloList(0, 0, 0, 0, 0)));
                }
                var drained = Tasks.startCall(host::drain);
                play(script, host, Protocol.tag(ID));
                host.hangUp();
                drained.get();
            }
            try (var next = Links.host(cable::dialHost, new LinkOptions(WINDOW, Duration.ZERO))) {
                var session = acceptor.accept();
                while (!session.session().equals(next.session())) {
                    assertOver((Session) session, "the host", "the host");
                    session = acceptor.accept();
                }
                next.send(new Message.Shutdown(true));
                assertThat(session.receive()).isEqualTo(new Message.Shutdown(true));
            }
        }
    }

    /** Sends frames of the script's: most with what an honest one has, each field as the script likes. */
    private static void play(Script script, HostilePeer peer, int tag) {
        boolean open = true;
        while (open && script.more()) {
            int what = script.small();
            int type = what & 0x1F;
            if (type == 0x1F) {
                open = peer.send(script.bytes(1 + script.small()));
                continue;
            }
            boolean greeting = type >= Protocol.HELLO && type <= Protocol.KNOCK;
            int flags = (what & 0x20) == 0 ? 0 : script.small();
            int stream = (what & 0x40) == 0 ? script.small() % 4 : script.number();
            long offset = greeting ? script.small() % 2 == 0 ? peer.nonce() : script.wide() : script.small();
            byte[] payload = script.bytes(script.small() % 100);
            if ((what & 0x80) != 0) {
                offset = script.wide();
            }
            open = peer.send(Frames.frame(greeting ? Protocol.MAGIC : tag, type, flags, stream, offset, payload));
        }
    }

    private static void assertOver(Session session, String peer, String orElse) {
        assertThatThrownBy(() -> {
                    while (true) {
                        session.receive();
                    }
                })
                .isInstanceOf(LinkException.class)
                .satisfies(over -> assertThat(over.getMessage()).containsAnyOf(peer, orElse))
                .satisfies(over -> assertThat(over.getMessage()).doesNotContain("the link cannot go on"));
        for (var live : session.streams().live()) {
            assertThat(live.receiveBuffer().capacity()).isLessThanOrEqualTo(WINDOW);
            assertThat(live.sendBuffer().capacity()).isLessThanOrEqualTo(WINDOW);
        }
    }
}
