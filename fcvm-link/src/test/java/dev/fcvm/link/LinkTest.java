package dev.fcvm.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTest {

    private static final int WINDOW = 1024;

    @Test
    void shouldCarryMessagesBothWaysInOrder() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var run = new Message.Run("{\"plan\":1}", List.of("A=1", "B=ü\n"), 1, 2, 3);
            pair.host().send(run);
            pair.host().send(new Message.Signal(15));
            pair.guest().send(new Message.Ready("0.1", 1234));
            pair.guest().send(new Message.Exited(42));

            assertThat(pair.guest().receive()).isEqualTo(run);
            assertThat(pair.guest().receive()).isEqualTo(new Message.Signal(15));
            assertThat(pair.host().receive()).isEqualTo(new Message.Ready("0.1", 1234));
            assertThat(pair.host().receive()).isEqualTo(new Message.Exited(42));
        }
    }

    @Test
    void shouldAgreeOnTheSessionThatTheHostHasNamed() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            assertThat(pair.guest().session()).isEqualTo(pair.host().session());
        }
    }

    @Test
    void shouldCarryAMessageLongerThanTheWindow() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var run = new Message.Run("x".repeat(100_000), List.of("E=" + "y".repeat(100_000)), 0, 0, 0);
            var sent = start(() -> pair.host().send(run));
            assertThat(pair.guest().receive()).isEqualTo(run);
            sent.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldRefuseAMessageThatIsTooLongAndGoOn() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var long1 = new Message.Run("", List.of("A=" + "x".repeat(1 << 20)), 0, 0, 0);
            assertThatThrownBy(() -> pair.host().send(long1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("longer than 1048576 bytes");
            pair.host().send(new Message.Shutdown(true));
            assertThat(pair.guest().receive()).isEqualTo(new Message.Shutdown(true));
        }
    }

    @Test
    void shouldDeliverAStreamAndItsEndByteForByte() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var bytes = new byte[100_000];
            new Random(1).nextBytes(bytes);
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var there = start(() -> {
                stream.output().write(bytes);
                stream.output().close();
            });
            var back = start(() -> {
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
            var more = start(() -> joined.output().write(1));

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
            var never = start(() -> stuckGuest.output().write(new byte[10 * WINDOW]));
            var free = pair.host().openStream();
            var freeGuest = pair.joined(free);
            var bytes = new byte[50 * WINDOW];
            new Random(2).nextBytes(bytes);
            var written = start(() -> freeGuest.output().write(bytes));

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
            var waited = start(joined::awaitConsumed);

            assertThat(stream.input().readNBytes(9)).hasSize(9);
            assertThatThrownBy(() -> waited.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            assertThat(stream.input().read()).isEqualTo('!');
            waited.get(10, TimeUnit.SECONDS);

            joined.output().close();
            var ended = start(joined::awaitConsumed);
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
            var writer = start(() -> joined.output().write(new byte[10 * WINDOW]));
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
            var theirs = start(() -> joined.input().read());

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
            pair.host().send(new Message.Signal(1));
            pair.guest().receive();
            pair.guest().send(new Message.Started(1));
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
    void shouldWakeEveryBlockedCallerOnClose() throws Exception {
        var pair = LinkPair.withWindow(WINDOW);
        var stream = pair.host().openStream();
        var joined = pair.joined(stream);
        stream.output().write(1);
        var calls = List.of(
                start(() -> pair.host().receive()),
                start(() -> stream.input().read()),
                start(() -> stream.output().write(new byte[10 * WINDOW])),
                start(stream::awaitConsumed));
        pair.host().close();
        for (var call : calls) {
            assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("the link has been closed");
        }
        var guestCalls = List.of(
                start(() -> pair.guest().receive()),
                start(() -> pair.guest().receive()),
                start(() -> pair.guests().accept()));
        pair.guests().close();
        for (var call : guestCalls) {
            assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("the link has been closed");
        }
    }

    @Test
    void shouldWakeASessionThatNobodyAnswersOnClose() throws Exception {
        var never = new CountDownLatch(1);
        var link = Links.host(
                () -> {
                    never.await();
                    throw new IOException("not reached");
                },
                LinkPair.QUICK);
        var waiting = start(link::session);
        link.close();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("the link has been closed");
    }

    @Test
    void shouldEndTheSessionWhenTheDialerGivesUpAndStillHandOutWhatHadCome() throws Exception {
        var cable = SocketCable.unbroken();
        var pair = LinkPair.over(cable, LinkPair.QUICK);
        var stream = pair.host().openStream();
        var joined = pair.joined(stream);
        joined.output().write("last words".getBytes(UTF_8));
        pair.guest().send(new Message.Exited(3));
        joined.output().close();
        assertThat(stream.input().read()).isEqualTo('l');
        while (((Stream) stream).receiveBuffer().availableNow() < 9 || !joinedEnd(stream)) {
            Thread.onSpinWait();
        }
        cable.close();
        pair.guests().close();
        assertThatThrownBy(() -> stream.output().write(new byte[1 << 20]))
                .hasMessage("there is no channel to the guest: the cable is gone");
        assertThat(new String(stream.input().readAllBytes(), UTF_8)).isEqualTo("ast words");
        assertThat(pair.host().receive()).isEqualTo(new Message.Exited(3));
        assertThatThrownBy(() -> pair.host().receive()).isInstanceOf(LinkException.class);
    }

    private static boolean joinedEnd(LinkStream stream) {
        return ((Stream) stream).receiveBuffer().ended();
    }

    @Test
    void shouldGoOnWhenAnInterruptedThreadWrites() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var stream = pair.host().openStream();
            var joined = pair.joined(stream);
            var interrupted = start(() -> {
                Thread.currentThread().interrupt();
                joined.output().write(new byte[10 * WINDOW]);
            });
            assertThatThrownBy(() -> interrupted.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InterruptedIOException.class);
            joined.output().write(5);
            assertThat(stream.input().read()).isEqualTo(5);
        }
    }

    @Test
    void shouldRefuseWhatIsTheOtherSidesToDo() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            assertThatThrownBy(() -> pair.host().joinStream(1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.guest().openStream()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.guest().joinStream(0)).hasMessage("the host has no stream 0 open");
            assertThatThrownBy(() -> pair.guest().joinStream(1)).hasMessage("the host has no stream 1 open");
            assertThatThrownBy(() -> pair.host().send(new Message.Exited(0)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pair.guest().send(new Message.Signal(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldEndTheOldSessionWhenAHostBeginsAnother() throws Exception {
        var cable = SocketCable.unbroken();
        var pair = LinkPair.over(cable, LinkPair.QUICK);
        var waiting = start(() -> pair.guest().receive());
        pair.host().close();
        try (var second = Links.host(cable::dialHost, LinkPair.QUICK)) {
            assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                    .hasRootCauseMessage("the host has begun another session");
            var fresh = pair.guests().accept();
            assertThat(fresh.session()).isEqualTo(second.session());
            fresh.send(new Message.Ready("again", 1));
            assertThat(second.receive()).isEqualTo(new Message.Ready("again", 1));
        }
        pair.close();
    }

    @Test
    void shouldTellTheHostWhenTheAgentHasEndedTheSession() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            pair.host().session();
            pair.guest().close();
            assertThatThrownBy(() -> pair.host().receive()).hasMessageContaining("has ended the session");
        }
    }

    @Test
    void shouldTellTheHostWhenTheAgentWasStartedAnewBehindASerialPort() throws Exception {
        var cable = new SerialCable(1, () -> Long.MAX_VALUE);
        var pair = LinkPair.over(cable, LinkPair.QUICK);
        pair.host().session();
        pair.guests().close();
        try (var again = Links.guest(cable::dialGuest, LinkPair.QUICK)) {
            assertThatThrownBy(() -> pair.host().receive()).hasMessageContaining("was started anew and has lost it");
            try (var next = Links.host(cable::dialHost, LinkPair.QUICK)) {
                assertThat(again.accept().session()).isEqualTo(next.session());
            }
        }
        cable.close();
    }

    @Test
    void shouldKeepNoThreadAfterTheClose() throws Exception {
        var before = linkThreads();
        var pair = LinkPair.unbroken();
        pair.host().session();
        var during = linkThreads();
        during.removeAll(before);
        assertThat(during).isNotEmpty().allMatch(Thread::isDaemon);
        pair.close();
        for (var thread : during) {
            assertThat(thread.join(java.time.Duration.ofSeconds(10))).isTrue();
        }
    }

    private static List<Thread> linkThreads() {
        var all = new Thread[Thread.activeCount() * 2 + 10];
        int count = Thread.enumerate(all);
        return new ArrayList<>(Arrays.stream(all, 0, count)
                .filter(thread -> thread.getName().startsWith("fcvm-link"))
                .toList());
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Future<?> start(Action action) {
        var task = new FutureTask<Void>(() -> {
            action.run();
            return null;
        });
        Thread.startVirtualThread(task);
        return task;
    }
}
