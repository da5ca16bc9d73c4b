package dev.fcvm.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.message.Message;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the users of a stream can rely on, at both ends. */
@Timeout(30)
class LinkStreamTest {

    private static final int WINDOW = 1024;

    @Test
    void shouldDeliverAStreamAndItsEndByteForByte() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var bytes = new byte[100_000];
            new Random(1).nextBytes(bytes);
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var there = Tasks.start(() -> {
                stream.output().write(bytes);
                stream.output().close();
            });
            var back = Tasks.start(() -> {
                joined.output().write(bytes);
                joined.output().close();
            });
            var got = new FutureTask<>(() -> joined.input().readAllBytes());
            Thread.startVirtualThread(got);

            assertThat(stream.input().readAllBytes()).isEqualTo(bytes);
            assertThat(got.get(10, TimeUnit.SECONDS)).isEqualTo(bytes);
            there.get(10, TimeUnit.SECONDS);
            back.get(10, TimeUnit.SECONDS);
            assertThat(joined.input().read()).isEqualTo(-1);
        }
    }

    @Test
    void shouldHoldTheWriterBackAtTheWindowWhileTheReaderIsSlow() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var buffer = ((Stream) joined).sendBuffer();
            assertThat(buffer.put(new byte[10 * WINDOW], 0, 10 * WINDOW)).isEqualTo(WINDOW);
            ((Stream) joined).pump();
            var more = Tasks.start(() -> joined.output().write(1));

            assertThat(stream.input().readNBytes(WINDOW / 2 - 1)).hasSize(WINDOW / 2 - 1);
            assertThatThrownBy(() -> more.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            assertThat(stream.input().read()).isZero();
            more.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldGoOnWithOtherStreamsWhenOneIsStuck() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var stuck = pair.host().openStream();
            var stuckGuest = pair.joined(stuck);
            var never = Tasks.start(() -> stuckGuest.output().write(new byte[10 * WINDOW]));
            var free = pair.host().openStream();
            var freeGuest = pair.joined(free);
            var bytes = new byte[50 * WINDOW];
            new Random(2).nextBytes(bytes);
            var written = Tasks.start(() -> freeGuest.output().write(bytes));

            assertThat(free.input().readNBytes(bytes.length)).isEqualTo(bytes);
            written.get(10, TimeUnit.SECONDS);
            assertThat(never.isDone()).isFalse();
        }
    }

    @Test
    void shouldTellWhenThePeerHasConsumedAll() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            joined.output().write("ten bytes!".getBytes(UTF_8));
            var waited = Tasks.start(joined::awaitConsumed);

            assertThat(stream.input().readNBytes(9)).hasSize(9);
            assertThatThrownBy(() -> waited.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            assertThat(stream.input().read()).isEqualTo('!');
            waited.get(10, TimeUnit.SECONDS);

            joined.output().close();
            var ended = Tasks.start(joined::awaitConsumed);
            assertThat(stream.input().read()).isEqualTo(-1);
            ended.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldTellThatAllIsConsumedWhenItWasReadBeforeItWasAsked() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            joined.output().write(7);
            assertThat(stream.input().read()).isEqualTo(7);
            joined.awaitConsumed();
            joined.awaitConsumed();
        }
    }

    @Test
    void shouldFailThePeersWriterAndEndOurReaderOnReset() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var writer = Tasks.start(() -> joined.output().write(new byte[10 * WINDOW]));
            assertThat(stream.input().readNBytes(10)).hasSize(10);

            stream.reset();
            stream.reset();

            assertThatThrownBy(() -> writer.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("the host has reset stream 1");
            assertThat(stream.input().read()).isEqualTo(-1);
            assertThatThrownBy(() -> stream.output().write(1)).hasMessage("stream 1 has been reset");
            assertThatThrownBy(() -> joined.input().read()).hasMessage("the host has reset stream 1");
        }
    }

    @Test
    void shouldWakeAReaderWhoseStreamIsResetByEitherSide() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var ours = new FutureTask<>(() -> stream.input().read());
            Thread.startVirtualThread(ours);
            var theirs = Tasks.start(() -> joined.input().read());

            stream.reset();

            assertThat(ours.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
            assertThatThrownBy(() -> theirs.get(10, TimeUnit.SECONDS))
                    .hasRootCauseMessage("the host has reset stream 1");
        }
    }

    @Test
    void shouldForgetStreamsThatAreFinishedOrReset() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            for (int i = 1; i <= 1000; i++) {
                var stream = pair.host().openStream();
                assertThat(stream.number()).isEqualTo(i);
                var joined = pair.joined(stream);
                if (i % 3 == 0) {
                    joined.reset();
                } else if (i % 3 == 1) {
                    stream.reset();
                } else {
                    stream.output().close();
                    joined.output().close();
                    assertThat(stream.input().read()).isEqualTo(-1);
                    assertThat(joined.input().read()).isEqualTo(-1);
                }
            }
            settle(pair);
            assertThat(((Session) pair.host()).streams().live()).hasSize(1);
            assertThat(((Session) pair.guest()).streams().live()).hasSize(1);
        }
    }

    /** Returns when each side has heard all the other had to say, replies to resets included. */
    private static void settle(LinkPair pair) throws Exception {
        for (var sessions = List.of((Session) pair.host(), (Session) pair.guest());
                sessions.stream().anyMatch(session -> session.streams().live().length > 1); ) {
            pair.host().send(new Message.Signal("c", 1));
            pair.guest().receive();
            pair.guest().send(new Message.Started("c", 1));
            pair.host().receive();
        }
    }

    @Test
    void shouldRefuseMoreStreamsThanMayBe() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var streams = new ArrayList<LinkStream>();
            for (int i = 0; i < 256; i++) {
                streams.add(pair.host().openStream());
            }
            assertThatThrownBy(() -> pair.host().openStream()).hasMessageContaining("256 streams");
            var last = pair.joined(streams.getLast());
            streams.getLast().output().write(9);
            assertThat(last.input().read()).isEqualTo(9);
        }
    }

    @Test
    void shouldDropWhatComesOnceTheInputIsClosed() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            joined.input().close();
            stream.output().write(new byte[20 * WINDOW]);
            stream.output().close();
            stream.awaitConsumed();
            var other = pair.host().openStream();
            var otherGuest = pair.joined(other);
            other.input().close();
            otherGuest.output().write(new byte[20 * WINDOW]);
            otherGuest.awaitConsumed();
        }
    }

    @Test
    void shouldGoOnWhenAnInterruptedThreadWrites() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var interrupted = Tasks.start(() -> {
                Thread.currentThread().interrupt();
                joined.output().write(new byte[10 * WINDOW]);
            });
            assertThatThrownBy(() -> interrupted.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InterruptedIOException.class);
            joined.output().write(5);
            assertThat(stream.input().read()).isEqualTo(5);
        }
    }

    /** The message may come later than the reset: it goes another way. */
    @Test
    void shouldJoinAStreamThatTheHostHasResetBeforeItsMessageCame() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var stream = pair.host().openStream();
            stream.reset();
            settle(pair);

            var joined = pair.joined(stream);
            assertThatThrownBy(() -> joined.output().write(1)).hasMessageContaining("the host has reset stream 1");
            assertThatThrownBy(() -> joined.input().read()).hasMessageContaining("the host has reset stream 1");
            joined.reset();
            settle(pair);
            assertThat(pair.host().ended()).isFalse();
            assertThatThrownBy(() -> pair.guest().joinStream(2)).hasMessageContaining("no stream 2 open");
        }
    }
}
