package dev.fcvm.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExecStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.MessageCodec;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages, sessions, and how a link ends. */
@Timeout(30)
class LinkTest {

    private static final int WINDOW = 1024;

    private static final ContainerStatus RUNNING = new ContainerStatus("c", 5, 9, 0, 1, Optional.empty());
    private static final ContainerStatus ENDED = new ContainerStatus(
            "d-1.x_", 0, 0, 0, 0, Optional.of(new ExitRecord(42, true, 1L << 40, 7, 1_700_000_000_000L)));

    private static final List<ExecStatus> EXECS =
            List.of(new ExecStatus(7, "e-1", Optional.empty()), new ExecStatus(8, "", Optional.of(255)));

    private static Message.Start start(String plan, String... environment) {
        return new Message.Start(
                "c", plan, List.of(environment), true, Optional.of(new TerminalSize(65_535, 0)), Long.MAX_VALUE);
    }

    /** Every kind that has not come by already. */
    @Test
    void shouldCarryEveryKindOfMessage() throws Exception {
        var size = new TerminalSize(80, 24);
        List<Message> ofHost = List.of(
                new Message.Attach("c", 1, 0, Integer.MAX_VALUE, 0, Long.MAX_VALUE),
                new Message.Kept("c", 1L << 33, 2),
                new Message.Exec(1, "e1", "", List.of(), List.of("a", ""), List.of("A=ü"), Optional.of(size), 1, 2, 3),
                new Message.ExecKept(1),
                new Message.Exec(2, "", "c", List.of("--user=1"), List.of("b"), List.of(), Optional.empty(), 0, 0, 0),
                new Message.Resize("c", size),
                new Message.ExecResize(1, size),
                new Message.ExecSignal(1, 64),
                new Message.Secret("c", 0, 0, Integer.MAX_VALUE, 07777, "c2VjcmV0"),
                new Message.Secret("c", 63, 1, 1, 0, ""),
                new Message.Mount("c", 12, "/a/b", "disk", "file", true),
                new Message.Unmount("c", 63, "/a/b"),
                new Message.Share(0, 1),
                new Message.Share(15, Integer.MAX_VALUE),
                new Message.Stop("c", 15, 10_000),
                new Message.Probe(1, "c", ProbeKind.HTTP, 65_535, "/up", 5_000),
                new Message.Probe(2, "c", ProbeKind.HEALTH, 0, "", 0));
        List<Message> ofGuest = List.of(
                new Message.Started("c", 5),
                new Message.Attached("c", 7, Long.MAX_VALUE),
                new Message.Signalled("c", 1),
                new Message.ExecStarted(1),
                new Message.ExecExited(Integer.MAX_VALUE, 255, false),
                new Message.Failed("c", "no"),
                new Message.ExecFailed(1, "no"),
                new Message.Probed(1, true, 503, "GET /up on port 80 answered 503"),
                new Message.Health("c", "{\"Status\":\"healthy\"}"));
        try (var pair = LinkPair.unbroken()) {
            for (Message message : ofHost) {
                pair.host().send(message);
                assertThat(pair.guest().receive()).isEqualTo(message);
            }
            for (Message message : ofGuest) {
                pair.guest().send(message);
                assertThat(pair.host().receive()).isEqualTo(message);
            }
        }
    }

    @Test
    void shouldRefuseARecordOfHealthThatIsTooLong() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            pair.guest().send(new Message.Health("c", "x".repeat(Message.LONGEST_DOCUMENT)));
            assertThat(pair.host().receive()).isInstanceOf(Message.Health.class);
            pair.guest().send(new Message.Health("c", "x".repeat(Message.LONGEST_DOCUMENT + 1)));
            assertThatThrownBy(() -> pair.host().receive()).hasMessageContaining("a document of 65537 characters");
        }
    }

    @Test
    void shouldCarryMessagesBothWaysInOrder() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var run = start("{\"plan\":1}", "A=1", "B=ü\n");
            pair.host().send(run);
            pair.host().send(new Message.Signal("c", 15));
            pair.guest().send(new Message.Ready("0.1", 1234, List.of(RUNNING, ENDED), EXECS));
            pair.guest().send(new Message.Exited("c", ENDED.exit().get()));

            assertThat(pair.guest().receive()).isEqualTo(run);
            assertThat(pair.guest().receive()).isEqualTo(new Message.Signal("c", 15));
            assertThat(pair.host().receive()).isEqualTo(new Message.Ready("0.1", 1234, List.of(RUNNING, ENDED), EXECS));
            assertThat(pair.host().receive())
                    .isEqualTo(new Message.Exited("c", ENDED.exit().get()));
        }
    }

    @Test
    void shouldAgreeOnTheSessionThatTheHostHasNamed() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            assertThat(pair.guest().session()).isEqualTo(pair.host().session());
        }
    }

    /** Right after the greeting the link's own thread sends as well, and may look for streams to tell of a moment too early. */
    @Test
    void shouldTellOfAStreamBeforeAnyMessageThatNamesIt() throws Exception {
        for (int i = 0; i < 1000; i++) {
            try (var pair = LinkPair.unbroken()) {
                pair.guest().send(new Message.Ready("0.1", i, List.of(), List.of()));
                pair.host().receive();
                var last = pair.host().openStream();
                for (int more = 0; more < 2; more++) {
                    last = pair.host().openStream();
                }
                pair.host().send(new Message.Attach("c", 0, 0, last.number(), 0, 0));
                var run = (Message.Attach) pair.guest().receive();
                assertThat(pair.guest().joinStream(run.stderr()).number()).isEqualTo(last.number());
            }
        }
    }

    @Test
    void shouldCarryAMessageLongerThanTheWindow() throws Exception {
        try (var pair = LinkPair.withWindow(WINDOW)) {
            var run = start("x".repeat(100_000), "E=" + "y".repeat(100_000));
            var sent = Tasks.start(() -> pair.host().send(run));
            assertThat(pair.guest().receive()).isEqualTo(run);
            sent.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldRefuseAMessageThatIsTooLongAndGoOn() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            var long1 = start("", "A=" + "x".repeat(MessageCodec.LONGEST_MESSAGE));
            assertThatThrownBy(() -> pair.host().send(long1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("longer than 6291456 bytes");
            pair.host().send(new Message.Shutdown(true));
            assertThat(pair.guest().receive()).isEqualTo(new Message.Shutdown(true));
        }
    }

    @Test
    void shouldWakeEveryBlockedCallerOnClose() throws Exception {
        var pair = LinkPair.withWindow(WINDOW);
        var stream = pair.host().openStream();
        var _ = pair.joined(stream);
        stream.output().write(1);
        var calls = List.of(
                Tasks.start(() -> pair.host().receive()),
                Tasks.start(() -> stream.input().read()),
                Tasks.start(() -> stream.output().write(new byte[10 * WINDOW])),
                Tasks.start(stream::awaitConsumed));
        pair.host().close();
        for (var call : calls) {
            assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("the link has been closed");
        }
        var guestCalls = List.of(
                Tasks.start(() -> pair.guest().receive()),
                Tasks.start(() -> pair.guest().receive()),
                Tasks.start(() -> pair.guests().accept()));
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
        var waiting = Tasks.start(link::session);
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
        pair.guest().send(new Message.ExecExited(1, 3, false));
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
        assertThat(pair.host().receive()).isEqualTo(new Message.ExecExited(1, 3, false));
        assertThatThrownBy(() -> pair.host().receive()).isInstanceOf(LinkException.class);
    }

    private static boolean joinedEnd(LinkStream stream) {
        return ((Stream) stream).receiveBuffer().ended();
    }

    @Test
    void shouldRefuseWhatIsTheOtherSidesToDo() throws Exception {
        try (var pair = LinkPair.unbroken()) {
            assertThatThrownBy(() -> pair.host().joinStream(1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.guest().openStream()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.guest().joinStream(0)).hasMessage("the host has no stream 0 open");
            assertThatThrownBy(() -> pair.guest().joinStream(1)).hasMessage("the host has no stream 1 open");
            assertThatThrownBy(() -> pair.host().send(new Message.ExecExited(1, 0, false)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pair.guest().send(new Message.Signal("c", 1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldEndTheOldSessionWhenAHostBeginsAnother() throws Exception {
        var cable = SocketCable.unbroken();
        var pair = LinkPair.over(cable, LinkPair.QUICK);
        var waiting = Tasks.start(() -> pair.guest().receive());
        pair.host().close();
        try (var second = Links.host(cable::dialHost, LinkPair.QUICK)) {
            assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                    .hasRootCauseMessage("the host has begun another session");
            var fresh = pair.guests().accept();
            assertThat(fresh.session()).isEqualTo(second.session());
            fresh.send(new Message.Ready("again", 1, List.of(), List.of()));
            assertThat(second.receive()).isEqualTo(new Message.Ready("again", 1, List.of(), List.of()));
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

    @Test
    void shouldEndTheSessionWithItsReasonWhateverTheDialerThrows() throws Exception {
        Dialer host = () -> {
            throw new StackOverflowError("too deep");
        };
        try (var link = Links.host(host, LinkPair.QUICK);
                var acceptor = Links.guest(host, LinkPair.QUICK)) {
            assertThatThrownBy(link::receive)
                    .hasMessageContaining("the link cannot go on")
                    .hasMessageContaining("deep");
            assertThatThrownBy(acceptor::accept).hasMessageContaining("the link cannot go on");
        }
    }

    /** An endpoint connects the next channel while a user ends the session: that must be closed, or be used. */
    @Test
    void shouldNeverKeepAChannelOpenThatNothingIsSentOver() throws Exception {
        var cable = SocketCable.unbroken();
        for (int round = 0; round < 20_000; round++) {
            var wire = new Wire();
            wire.connect(cable.dialHost());
            var next = cable.dialHost();
            var user = Tasks.start(wire::disconnect);
            wire.disconnect();
            wire.connect(next);
            user.get(10, TimeUnit.SECONDS);
            boolean sent = wire.handshake(Answer.knock(1), false, null);
            assertThat(sent).isEqualTo(next.isOpen());
        }
    }

    private static List<Thread> linkThreads() {
        var all = new Thread[Thread.activeCount() * 2 + 10];
        int count = Thread.enumerate(all);
        return new ArrayList<>(Arrays.stream(all, 0, count)
                .filter(thread -> thread.getName().startsWith("fcvm-link"))
                .toList());
    }
}
