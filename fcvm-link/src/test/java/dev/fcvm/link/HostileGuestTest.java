package dev.fcvm.link;

import static dev.fcvm.link.Frames.data;
import static dev.fcvm.link.Frames.frame;
import static dev.fcvm.link.Frames.join;
import static dev.fcvm.link.Frames.list;
import static dev.fcvm.link.Frames.raw;
import static dev.fcvm.link.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One lie of a guest a row: each ends the session with an error that names it, and costs the host no memory. */
@Timeout(60)
class HostileGuestTest {

    private static final int WINDOW = HostUnderTest.WINDOW;
    private static final byte[] NONE = {};

    /** What a guest sends to a host that has opened stream 1 and written five bytes to it. */
    interface Lie {
        void tell(HostilePeer guest) throws IOException;
    }

    static Stream<Arguments> afterAnHonestWelcome() {
        return Stream.of(
                lie("data beyond the window", "data beyond the window", tag -> data(tag, 1, 0, new byte[WINDOW + 1])),
                lie(
                        "data beyond the window in parts",
                        "data beyond the window",
                        tag -> join(data(tag, 1, 0, new byte[WINDOW]), data(tag, 1, WINDOW, (byte) 1))),
                lie("data at an offset too high", "data at offset 5 where 0 was due", tag -> data(tag, 1, 5, (byte) 1)),
                lie(
                        "data said twice",
                        "data at offset 0 where 3 was due",
                        tag -> join(data(tag, 1, 0, new byte[3]), data(tag, 1, 0, new byte[3]))),
                lie("data at a negative offset", "data at offset -1 where 0", tag -> data(tag, 1, -1, (byte) 1)),
                lie(
                        "data after the end",
                        "data after the end",
                        tag -> join(frame(tag, Protocol.DATA, Protocol.END, 1, 0), data(tag, 1, 1, (byte) 1))),
                lie(
                        "two ends",
                        "data after the end",
                        tag -> join(
                                frame(tag, Protocol.DATA, Protocol.END, 1, 0),
                                frame(tag, Protocol.DATA, Protocol.END, 1, 1))),
                lie("an empty frame", "an empty frame", tag -> data(tag, 1, 0)),
                lie(
                        "data with unknown flags",
                        "data with unknown flags",
                        tag -> frame(tag, Protocol.DATA, 0x80, 1, 0, (byte) 1)),
                lie(
                        "reserved bits",
                        "a frame with reserved bits",
                        tag -> raw(tag, Protocol.DATA, 0, 1, 1, 1, 0, new byte[1], tag)),
                lie("an unknown stream", "stream 2: a frame for the unknown stream", tag -> data(tag, 2, 0, (byte) 1)),
                lie(
                        "a stream of a negative number",
                        "stream 4294967295: a frame for the unknown",
                        tag -> data(tag, -1, 0, (byte) 1)),
                lie("an unknown type", "a frame of the unknown type 9", tag -> frame(tag, 9, 0, 1, 0)),
                lie("a million opens", "a frame of the unknown type 4", tag -> frame(tag, Protocol.OPEN, 0, 1, 0)),
                lie(
                        "an open for a stream of its own",
                        "stream 2: a frame for the unknown stream",
                        tag -> frame(tag, Protocol.OPEN, 0, 2, 0)),
                lie(
                        "an oversized length",
                        "sent a frame of 32741 bytes, more than 32740",
                        tag -> raw(tag, Protocol.DATA, 0, 0, 1, Protocol.LONGEST_PAYLOAD + 1, 0, NONE, tag)),
                lie(
                        "a negative length",
                        "sent a frame of 4294967295 bytes",
                        tag -> raw(tag, Protocol.DATA, 0, 0, 1, -1, 0, NONE, tag)),
                lie(
                        "a wrong trailer, and more frames",
                        "sent bytes that are no frame",
                        tag -> join(raw(tag, Protocol.DATA, 0, 0, 1, 1, 0, new byte[1], tag + 1), data(tag, 1, 0, (byte)
                                1))),
                lie(
                        "another session's tag",
                        "sent bytes that are no frame",
                        tag -> join(data(tag ^ 2, 1, 0, (byte) 1), data(tag ^ 2, 1, 1, (byte) 1))),
                lie("a window beyond what was sent", "a window at offset 6,", tag -> window(tag, 6)),
                lie("a window that goes back", "a window at offset 2,", tag -> join(window(tag, 3), window(tag, 2))),
                lie("a window that stays", "a window at offset 3,", tag -> join(window(tag, 3), window(tag, 3))),
                lie("a negative window", "a window at offset -1,", tag -> window(tag, -1)),
                lie("a window with flags", "a malformed window", tag -> frame(tag, Protocol.WINDOW, 1, 1, 3)),
                lie(
                        "a window with a payload",
                        "a malformed window",
                        tag -> frame(tag, Protocol.WINDOW, 0, 1, 3, (byte) 1)),
                lie("two resets", "stream 1: a frame ", tag -> join(reset(tag), reset(tag))),
                lie("data after its reset", "stream 1: a frame ", tag -> join(reset(tag), data(tag, 1, 0, (byte) 1))),
                lie("a reset with an offset", "a malformed reset", tag -> frame(tag, Protocol.RESET, 0, 1, 1)),
                lie("a reset of the control stream", "a malformed reset", tag -> frame(tag, Protocol.RESET, 0, 0, 0)),
                lie("a welcome out of place", "a greeting out of place", tag -> welcome(5, 2, list(0, 0, 0, 0))),
                lie(
                        "a hello to a host",
                        "a greeting out of place",
                        tag -> frame(Protocol.MAGIC, Protocol.HELLO, 0, 0, 5)),
                lie(
                        "a knock with a payload",
                        "a greeting out of place",
                        tag -> frame(Protocol.MAGIC, Protocol.KNOCK, 0, 0, 5, (byte) 1)),
                lie("padding without end", "padding without end", tag -> new byte[Protocol.LONGEST_PADDING + 1]));
    }

    @ParameterizedTest
    @MethodSource("afterAnHonestWelcome")
    void shouldEndTheSessionOfAGuestThatSends(Lie lie, String expected) throws Exception {
        try (var host = new HostUnderTest()) {
            host.agree();
            lie.tell(host.guest);
            host.assertOver(expected);
        }
    }

    static Stream<Arguments> welcomes() {
        return Stream.of(
                row("a version nobody speaks", "a welcome in version 1", nonce -> welcome(nonce, 1, honest())),
                row("version 0", "a welcome in version 0", nonce -> welcome(nonce, 0, honest())),
                row("nothing", "a welcome in version 0", nonce -> frame(Protocol.MAGIC, 17, 0, 0, nonce)),
                row("no list", "a list cut short", nonce -> welcome(nonce, 2)),
                row("an empty list", "a list of the wrong length", nonce -> welcome(nonce, 2, list())),
                row(
                        "a list cut short",
                        "a list of the wrong length",
                        nonce -> welcome(nonce, 2, Arrays.copyOf(honest(), 30))),
                row("a list of 258", "a list of the wrong length", nonce -> welcome(nonce, 2, list(new long[4 * 258]))),
                row(
                        "a list without the control stream",
                        "a list out of order",
                        nonce -> welcome(nonce, 2, list(1, 0, 5, 0))),
                row(
                        "a list with the control stream twice",
                        "a list out of order",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 0, 0, 0, 0))),
                row(
                        "a list with a stream twice",
                        "a list out of order",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 1, 0, 5, 0, 1, 0, 5, 0))),
                row(
                        "a stream never opened",
                        "a list out of order",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 1, 0, 5, 0, 2, 0, 0, 0))),
                row(
                        "unknown flags",
                        "a list with unknown flags",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 1, 2, 5, 0))),
                row(
                        "the control stream reset",
                        "a list with unknown flags",
                        nonce -> welcome(nonce, 2, list(0, 1, 0, 0, 1, 0, 5, 0))),
                row(
                        "more received than was sent",
                        "a list that contradicts what was sent",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 1, 0, 6, 0))),
                row(
                        "more consumed than received",
                        "a list that contradicts what was sent",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 1, 0, 3, 4))),
                row(
                        "a negative offset",
                        "a list that contradicts what was sent",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0, 1, 0, -1, -1))),
                row(
                        "a stream forgotten that is not over",
                        "a list without a stream that is not finished",
                        nonce -> welcome(nonce, 2, list(0, 0, 0, 0))),
                row(
                        "a refusal cut short",
                        "a malformed refusal",
                        nonce -> frame(Protocol.MAGIC, Protocol.REFUSE, 0, 0, nonce, (byte) 0)),
                row("a refusal for a reason unknown", "for the unknown reason 9", nonce -> Frames.refusal(nonce, 9)),
                row("a refusal of the versions", "speaks link versions 2 to 3", nonce -> Frames.refusal(nonce, 1)));
    }

    @ParameterizedTest
    @MethodSource("welcomes")
    void shouldEndTheSessionOfAGuestThatAnswersTheGreetingWith(Lie lie, String expected) throws Exception {
        try (var host = new HostUnderTest()) {
            // A first break, so that there is something a list can contradict.
            host.agree();
            host.greetAgain();
            lie.tell(host.guest);
            host.assertOver(expected);
        }
    }

    @Test
    void shouldEndTheSessionOfAGuestThatNeverAnswersTheGreetingButTalksOn() throws Exception {
        try (var host = new HostUnderTest()) {
            var chatter = new byte[1 << 20];
            Arrays.fill(chatter, (byte) 'x');
            int sent = 0;
            while (host.guest.send(chatter)) {
                sent++;
                assertThat(sent).isLessThanOrEqualTo(Protocol.LONGEST_SCAN / chatter.length + 1);
            }
            host.assertOver("bytes without an answer to the greeting");
        }
    }

    @Test
    void shouldNotTakeAWelcomeForAnotherNonceForItsAnswer() throws Exception {
        try (var host = new HostUnderTest()) {
            host.guest.send(welcome(host.guest.nonce() + 1, 9, honest()));
            host.agree();
            assertThat(host.link.session()).isNotNull();
        }
    }

    @Test
    void shouldGreetAGuestThatKnocksWithoutEndOnlySoOften() throws Exception {
        try (var cable = SocketCable.unbroken();
                var link = Links.host(cable::dialHost, new LinkOptions(WINDOW, Duration.ofMillis(100)));
                var guest = HostilePeer.guest(cable)) {
            var greetings = Tasks.startCall(guest::drain);
            for (int i = 1; i <= 20_000; i++) {
                assertThat(guest.send(Frames.knock(i))).isTrue();
            }
            guest.hangUp();
            // A few at once, then ten a second: an answer to each would be two megabytes.
            assertThat(greetings.get(10, TimeUnit.SECONDS)).isLessThan(Protocol.LONGEST_FRAME);
            try (var again = HostilePeer.guest(cable)) {
                again.send(welcome(again.nonce(), 2, list(0, 0, 0, 0)));
                assertThat(link.session()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldReadOnlyNowAndThenFromAGuestThatKnocksWithoutEnd(int step) throws Exception {
        try (var cable = SocketCable.unbroken();
                var link = Links.host(cable::dialHost, new LinkOptions(WINDOW, Duration.ofMillis(100)));
                var guest = HostilePeer.guest(cable)) {
            var greetings = Tasks.startCall(guest::drain);
            var flood = Tasks.start(() -> {
                long knock = 1;
                while (guest.send(Frames.knock(knock))) {
                    knock += step;
                }
            });
            // It waits for the next bytes in no other way than in a read, which is no such state.
            var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (readerOfKnocks() != Thread.State.TIMED_WAITING) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.onSpinWait();
            }
            guest.hangUp();
            flood.get(10, TimeUnit.SECONDS);
            assertThat(greetings.get(10, TimeUnit.SECONDS)).isLessThan(Protocol.LONGEST_FRAME);
            try (var again = HostilePeer.guest(cable)) {
                again.send(welcome(again.nonce(), 2, list(0, 0, 0, 0)));
                assertThat(link.session()).isNotNull();
            }
        }
    }

    private static Thread.State readerOfKnocks() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> Stream.of(thread.getValue())
                        .anyMatch(frame -> frame.getMethodName().equals("pauseForAKnocker")))
                .map(thread -> thread.getKey().getState())
                .findFirst()
                .orElse(Thread.State.RUNNABLE);
    }

    @Test
    void shouldHoldNobodyUpWhoDoesNotWriteToAGuestThatNeverReads() throws Exception {
        try (var cable = SocketCable.unbroken();
                var link = Links.host(cable::dialHost, new LinkOptions(WINDOW, Duration.ZERO));
                // Far fewer bytes than the greeting fit into the channel.
                var deaf = cable.dialGuest()) {
            var stream = link.openStream();
            stream.output().write(new byte[WINDOW]);
            stream.reset();
            assertThat(stream.input().read()).isEqualTo(-1);
            assertThat(deaf.isOpen()).isTrue();
        }
    }

    @Test
    void shouldReadFromAGuestThatDoesNotReadItself() throws Exception {
        try (var host = new HostUnderTest()) {
            host.agree();
            // More than the channel holds: whoever writes it waits, one of them in the channel itself.
            var writers = new ArrayList<Future<Void>>();
            for (int i = 0; i < 20; i++) {
                var more = host.link.openStream();
                writers.add(Tasks.start(() -> more.output().write(new byte[2 * WINDOW])));
            }
            for (int at = 0; at < WINDOW; at += WINDOW / 4) {
                host.guest.send(data(host.guest.tag(), 1, at, new byte[WINDOW / 4]));
                assertThat(host.stream.input().readNBytes(WINDOW / 4)).hasSize(WINDOW / 4);
            }
            host.link.close();
            for (var writer : writers) {
                assertThatThrownBy(() -> writer.get(10, TimeUnit.SECONDS)).hasRootCauseInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void shouldForgetEachOfManyStreamsAGuestResets() throws Exception {
        try (var host = new HostUnderTest()) {
            host.agree();
            var drained = Tasks.startCall(host.guest::drain);
            for (int number = 2; number <= 20_000; number++) {
                var stream = host.link.openStream();
                assertThat(stream.number()).isEqualTo(number);
                host.guest.send(frame(host.guest.tag(), Protocol.RESET, 0, number, 0));
                assertThatThrownBy(() -> stream.input().read()).hasMessageContaining("has reset stream");
                host.awaitLive(2);
            }
            host.link.close();
            drained.get(10, TimeUnit.SECONDS);
        }
    }

    private static byte[] honest() {
        return list(0, 0, 0, 0, 1, 0, 5, 0);
    }

    private static byte[] window(int tag, long offset) {
        return frame(tag, Protocol.WINDOW, 0, 1, offset);
    }

    private static byte[] reset(int tag) {
        return frame(tag, Protocol.RESET, 0, 1, 0);
    }

    private interface OfTag {
        byte[] bytes(int tag);
    }

    private interface OfNonce {
        byte[] bytes(long nonce);
    }

    private static Arguments lie(String name, String expected, OfTag bytes) {
        Lie lie = guest -> guest.send(bytes.bytes(guest.tag()));
        return Arguments.of(Named.of(name, lie), expected);
    }

    private static Arguments row(String name, String expected, OfNonce bytes) {
        Lie lie = guest -> guest.send(bytes.bytes(guest.nonce()));
        return Arguments.of(Named.of(name, lie), expected);
    }
}
