package dev.fcvm.link;

import static dev.fcvm.link.Frames.data;
import static dev.fcvm.link.Frames.frame;
import static dev.fcvm.link.Frames.hello;
import static dev.fcvm.link.Frames.helloList;
import static dev.fcvm.link.Frames.join;
import static dev.fcvm.link.Frames.message;
import static dev.fcvm.link.Frames.raw;
import static dev.fcvm.link.Frames.welcome;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.message.Message;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One lie of a host a row: each ends its session with an error that names it, and the next host is served. */
@Timeout(20)
class HostileHostTest {

    private static final int WINDOW = 1024;
    private static final byte[] C = {0, 0, 0, 1, 'c'};
    private static final SessionId ID = new SessionId(3, 0x7777_0001L);
    private static final int TAG = Protocol.tag(ID);

    static Stream<Arguments> lies() {
        return Stream.of(
                row("data beyond the window", "data beyond the window", data(TAG, 1, 0, new byte[WINDOW + 1])),
                row("data at a wrong offset", "data at offset 1 where 0 was due", data(TAG, 1, 1, (byte) 1)),
                row(
                        "data after the end",
                        "data after the end",
                        join(frame(TAG, Protocol.DATA, Protocol.END, 1, 0), data(TAG, 1, 1, (byte) 1))),
                row("a stream it has not opened", "stream 2: a frame for the unknown stream", data(TAG, 2, 0, (byte)
                        1)),
                row("an unknown type", "a frame of the unknown type 5", frame(TAG, 5, 0, 1, 0)),
                row("data with unknown flags", "data with unknown flags", frame(TAG, Protocol.DATA, 4, 1, 0, (byte) 1)),
                row("reserved bits", "reserved bits", raw(TAG, Protocol.OPEN, 0, 1, 2, 0, 0, new byte[0], TAG)),
                row("an oversized length", "more than 32740", raw(TAG, 1, 0, 0, 1, 1 << 20, 0, new byte[0], TAG)),
                row(
                        "a wrong trailer, and more",
                        "bytes that are no frame",
                        join(raw(TAG, 1, 0, 0, 1, 1, 0, new byte[1], 0), data(TAG, 1, 0, (byte) 1))),
                row("a window before anything was sent", "a window at offset 1,", frame(TAG, Protocol.WINDOW, 0, 1, 1)),
                row("a window of nothing", "a window at offset 0,", frame(TAG, Protocol.WINDOW, 0, 1, 0)),
                row("a number given twice", "a malformed open", open(1)),
                row("a number left out", "a malformed open", open(3)),
                row("an open of the control stream", "a malformed open", open(0)),
                row("an open with a payload", "a malformed open", frame(TAG, Protocol.OPEN, 0, 2, 0, (byte) 1)),
                row("an open with flags", "a malformed open", frame(TAG, Protocol.OPEN, 1, 2, 0)),
                row("an open at an offset", "a malformed open", frame(TAG, Protocol.OPEN, 0, 2, 1)),
                row("a million opens", "stream 257: one stream too many", manyOpens()),
                row(
                        "two resets",
                        "stream 1: a frame ",
                        join(frame(TAG, Protocol.RESET, 0, 1, 0), frame(TAG, Protocol.RESET, 0, 1, 0))),
                row("a reset of the control stream", "a malformed reset", frame(TAG, Protocol.RESET, 0, 0, 0)),
                row("a welcome to a guest", "an answer out of place", welcome(1, 2)),
                row("a knock", "an answer out of place", Frames.knock(1)),
                row("padding without end", "padding without end", new byte[Protocol.LONGEST_PADDING + 1]),
                row("a greeting cut short", "a greeting cut short", frame(Protocol.MAGIC, Protocol.HELLO, 0, 0, 5)),
                row("a window too small", "asks for windows of 15 bytes", again(ID, 15, helloList(1, 0, 0, 0, 0))),
                row("a window too large", "asks for windows of 16777217", again(ID, (1 << 24) + 1, new byte[0])),
                row("a negative window", "asks for windows of -1 bytes", again(ID, -1, new byte[0])),
                row("no list", "a list cut short", again(ID, WINDOW, new byte[0])),
                row("a list of nothing", "a list of the wrong length", again(ID, WINDOW, helloList(1))),
                row("half a list", "a list of the wrong length", again(ID, WINDOW, Arrays.copyOf(helloList(1), 9))),
                row("fewer streams than before", "a list from before", again(ID, WINDOW, helloList(0, 0, 0, 0, 0))),
                row("negative streams", "a list from before", again(ID, WINDOW, helloList(-1, 0, 0, 0, 0))),
                row(
                        "a stream above the highest",
                        "a list out of order",
                        again(ID, WINDOW, helloList(1, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0))),
                row(
                        "a new stream with a past",
                        "a new stream that is not new",
                        again(ID, WINDOW, helloList(2, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 1))),
                row(
                        "more than was sent",
                        "contradicts what was sent",
                        again(ID, WINDOW, helloList(1, 0, 0, 0, 0, 1, 0, 1, 1))),
                row(
                        "a stream forgotten that is not over",
                        "without a stream that is not finished",
                        again(ID, WINDOW, helloList(1, 0, 0, 0, 0))),
                row(
                        "a list of 258",
                        "a list of the wrong length",
                        again(ID, WINDOW, helloList(300, new long[4 * 258]))));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void shouldEndTheSessionOfAHostThatSendsAndServeTheNext(byte[] bytes, String expected) throws Exception {
        try (var guest = new Guest();
                var host = guest.begin()) {
            var session = (Session) guest.acceptor.accept();
            host.send(open(1));
            host.send(bytes);

            assertOver(session, expected);
            host.drain();
            guest.assertServesTheNext();
        }
    }

    static Stream<Arguments> messages() {
        byte[] text = {(byte) 0xC3, 0x28};
        return Stream.of(
                row("a message over 6 MiB", "a message of 6291457 bytes", data(TAG, 0, 0, number((6 << 20) + 1))),
                row("a message of no bytes", "a message of 0 bytes", data(TAG, 0, 0, number(0))),
                row("signal 65", "the number 65, which is not between 1 and 64", message(TAG, signal(65))),
                row("signal 0", "the number 0, which is not between 1 and 64", message(TAG, signal(0))),
                row("a shutdown that is neither", "the number 2, which is not", message(TAG, join(b(10), number(2)))),
                row("a message of the guest's", "of the unknown kind 69", message(TAG, join(b(69), number(1)))),
                row("a plan that is not UTF-8", "not UTF-8", message(TAG, join(b(1), C, number(2), text))),
                row(
                        "more variables than bytes",
                        "the number 1000000, which is not between 0 and",
                        message(TAG, join(b(1), C, number(0), number(1_000_000)))),
                row(
                        "a negative stream",
                        "the number -1, which is not between",
                        message(TAG, join(b(2), C, number(-1)))),
                row(
                        "a container without a name",
                        "a container's id that is none",
                        message(TAG, join(b(7), number(0), number(9)))),
                row(
                        "a container whose name is a path",
                        "a container's id that is none",
                        message(TAG, join(b(7), name("a/b"), number(9)))),
                row(
                        "a container whose name is an option",
                        "a container's id that is none",
                        message(TAG, join(b(7), name("-a"), number(9)))),
                row(
                        "a container whose name is long",
                        "a container's id that is none",
                        message(TAG, join(b(7), name("a".repeat(65)), number(9)))),
                row(
                        "a command in a container whose name is a path",
                        "a container's id that is none",
                        message(TAG, join(b(4), number(1), name("../a")))),
                row(
                        "command 0",
                        "the number 0, which is not between 1",
                        message(TAG, join(b(8), number(0), number(9)))),
                row(
                        "a terminal of 65536 columns",
                        "the number 65536, which is not between 0 and 65535",
                        message(TAG, join(b(5), C, number(65_536), number(1)))),
                row(
                        "a terminal that is neither there nor not",
                        "the number 2, which is not between 0 and 1",
                        message(TAG, join(b(1), C, number(0), number(0), number(0), number(2)))),
                row(
                        "no room for output",
                        "the number 0, which is less than 1",
                        message(TAG, join(b(1), C, number(0), number(0), number(0), number(0), new byte[8]))),
                row(
                        "a negative number of kept bytes",
                        "the negative number -1",
                        message(TAG, join(b(3), C, number(-1), number(-1)))),
                row(
                        "a negative grace",
                        "the negative number -1",
                        message(TAG, join(b(9), C, number(15), number(-1), number(-1)))));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldEndTheSessionOfAHostThatSaysAndServeTheNext(byte[] bytes, String expected) throws Exception {
        try (var guest = new Guest();
                var host = guest.begin()) {
            var session = (Session) guest.acceptor.accept();
            host.send(bytes);

            assertOver(session, expected);
            host.drain();
            guest.assertServesTheNext();
        }
    }

    @Test
    void shouldServeTheNextHostAfterOneThatNeverGreets() throws Exception {
        try (var guest = new Guest();
                var host = HostilePeer.host(guest.cable)) {
            var noise = new byte[1 << 20];
            Arrays.fill(noise, (byte) 0xFC);
            int sent = 0;
            while (host.send(noise)) {
                sent++;
                assertThat(sent).isLessThanOrEqualTo(Protocol.LONGEST_SCAN / noise.length + 1);
            }
            guest.assertServesTheNext();
        }
    }

    @Test
    void shouldRefuseAHostOfAnotherVersionAndKeepTheSessionOfItsOwn() throws Exception {
        try (var guest = new Guest();
                var host = guest.begin()) {
            var session = (Session) guest.acceptor.accept();
            host.hangUp();
            try (var future = HostilePeer.host(guest.cable)) {
                future.send(hello(3, 9, future.nonce(), new SessionId(9, 9), WINDOW, false));
                future.awaitRefusal(77);
            }
            try (var back = HostilePeer.host(guest.cable)) {
                back.send(hello(2, 2, back.nonce(), ID, WINDOW, true, helloList(0, 0, 0, 0, 0)));
                back.send(message(TAG, signal(9)));
                assertThat(session.receive()).isEqualTo(new Message.Signal("c", 9));
            }
        }
    }

    @Test
    void shouldKeepOneSessionHoweverManyHostsBegin() throws Exception {
        try (var guest = new Guest();
                var host = HostilePeer.host(guest.cable)) {
            var _ = Tasks.startCall(host::drain);
            for (int i = 1; i <= 100_000; i++) {
                host.send(hello(2, 2, host.nonce(), new SessionId(i, i), WINDOW, false, helloList(0, 0, 0, 0, 0)));
            }
            host.send(hello(2, 2, host.nonce(), ID, WINDOW, false, helloList(0, 0, 0, 0, 0)));
            // All but the last have ended, and nobody has to take them one by one.
            var session = guest.acceptor.accept();
            while (!session.session().equals(ID)) {
                session = guest.acceptor.accept();
            }
            assertThat(((Session) session).ended()).isFalse();
        }
    }

    private static void assertOver(Session session, String expected) {
        assertThatThrownBy(() -> {
                    while (true) {
                        session.receive();
                    }
                })
                .isInstanceOf(LinkException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining("the host");
        assertThat(session.ended()).isTrue();
        assertThat(session.streams().live()).hasSizeLessThanOrEqualTo(Protocol.MOST_STREAMS + 1);
        for (var live : session.streams().live()) {
            assertThat(live.receiveBuffer().capacity()).isLessThanOrEqualTo(WINDOW);
            assertThat(live.sendBuffer().capacity()).isLessThanOrEqualTo(WINDOW);
        }
    }

    private static byte[] open(int number) {
        return frame(TAG, Protocol.OPEN, 0, number, 0);
    }

    private static byte[] manyOpens() {
        var all = new byte[100_000][];
        Arrays.setAll(all, i -> open(i + 2));
        return join(all);
    }

    private static byte[] again(SessionId id, int window, byte[] list) {
        return hello(2, 2, 0, id, window, true, list);
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] name(String name) {
        return join(number(name.length()), name.getBytes(UTF_8));
    }

    private static byte[] signal(int number) {
        return join(b(7), C, number(number));
    }

    private static byte[] b(int value) {
        return new byte[] {(byte) value};
    }

    private static Arguments row(String name, String expected, byte[] bytes) {
        return Arguments.of(Named.of(name, bytes), expected);
    }

    /** A guest that is reached over sockets. */
    private static final class Guest implements AutoCloseable {

        final SocketCable cable = SocketCable.unbroken();
        final LinkAcceptor acceptor = Links.guest(cable::dialGuest, new LinkOptions(WINDOW, Duration.ZERO));

        /** Returns a host that has begun a session as it should. */
        HostilePeer begin() throws Exception {
            var host = HostilePeer.host(cable);
            host.send(hello(2, 2, host.nonce(), ID, WINDOW, false, helloList(0, 0, 0, 0, 0)));
            return host;
        }

        void assertServesTheNext() throws Exception {
            try (var next = Links.host(cable::dialHost, LinkPair.QUICK)) {
                var session = acceptor.accept();
                assertThat(session.session()).isEqualTo(next.session());
                next.send(new Message.Shutdown(true));
                assertThat(session.receive()).isEqualTo(new Message.Shutdown(true));
            }
        }

        @Override
        public void close() {
            acceptor.close();
            cable.close();
        }
    }
}
