package dev.fcvm.guest.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client sees of servers that come and go. */
@Timeout(30)
class RelayTest {

    private static final int OPEN_READ = 1;
    private static final int OPEN_CREATE_TRUNCATE_WRITE = 2 | 8 | 16;
    private static final int OPEN_APPEND = 2 | 4;

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final AtomicLong clock = new AtomicLong();
    private final Relay relay = new Relay("mapping 0", log::add, clock::get);
    private Way requests;
    private Way answers;

    /** One direction: a pipe of the kernel's. */
    private record Way(InputStream out, OutputStream in) {
        static Way open() throws IOException {
            Pipe pipe = Pipe.open();
            return new Way(Channels.newInputStream(pipe.source()), Channels.newOutputStream(pipe.sink()));
        }
    }

    /** A server that a test plays. */
    private static final class Server implements Relay.Server {
        private final Way arrived = Way.open();
        private final Way sent = Way.open();

        Server() throws IOException {}

        @Override
        public InputStream input() {
            return sent.out();
        }

        @Override
        public OutputStream output() {
            return arrived.in();
        }

        @Override
        public void reset() {
            try {
                sent.in().close();
                arrived.in().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Packet next() throws IOException {
            return Objects.requireNonNull(Packet.read(arrived.out()));
        }

        void answer(Packet packet) throws IOException {
            sent.in().write(packet.bytes());
        }
    }

    @BeforeEach
    void begin() throws IOException {
        requests = Way.open();
        answers = Way.open();
        relay.client(requests.out(), answers.in());
    }

    private void ask(Packet packet) throws IOException {
        requests.in().write(packet.bytes());
    }

    private Packet answer() throws IOException {
        return Objects.requireNonNull(Packet.read(answers.out()));
    }

    private static byte[] text(String text) {
        return Packet.string(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Packet open(int id, String path, int flags) {
        return Packet.of(Packet.OPEN, id, text(path), Packet.number(flags), Packet.number(0));
    }

    private static Packet success(int id) {
        return Packet.of(Packet.STATUS, id, Packet.number(0), text(""), text(""));
    }

    private Server connected() throws IOException {
        var server = new Server();
        relay.server(server);
        return server;
    }

    private void opened(Server server, int id, String path, int flags, String handle) throws IOException {
        ask(open(id, path, flags));
        assertThat(server.next().type()).isEqualTo(Packet.OPEN);
        server.answer(Packet.of(Packet.HANDLE, id, text(handle)));
        assertThat(answer().first()).isEqualTo(handle.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldWaitForTheFirstServerAndGreetOneOnly() throws Exception {
        ask(Packet.of(Packet.INIT, 3));
        Server first = connected();
        assertThat(first.next().type()).isEqualTo(Packet.INIT);
        first.answer(Packet.of(Packet.VERSION, 3));
        assertThat(answer().type()).isEqualTo(Packet.VERSION);
        Server second = connected();
        ask(Packet.of(Packet.LSTAT, 1, text("file")));
        assertThat(second.next().type()).isEqualTo(Packet.LSTAT);
    }

    @Test
    void shouldOpenAgainWhatIsOpenWithoutMakingOrCuttingIt() throws Exception {
        Server first = connected();
        opened(first, 1, "a", OPEN_CREATE_TRUNCATE_WRITE, "handle-a");
        opened(first, 2, "b", OPEN_READ, "handle-b");
        ask(Packet.of(Packet.CLOSE, 3, text("handle-b")));
        first.next();
        first.answer(success(3));
        answer();
        first.reset();

        Server second = connected();
        Packet again = second.next();
        assertThat(again.type()).isEqualTo(Packet.EXTENDED);
        assertThat(again.second()).asString().isEqualTo("handle-a");
        assertThat(again.third()).asString().isEqualTo("a");
        assertThat(again.bytes()).endsWith(0, 0, 0, 2);
        second.answer(Packet.of(Packet.HANDLE, again.id(), text("handle-a")));
        ask(Packet.of(Packet.READ, 4, text("handle-a")));
        assertThat(second.next().id()).isEqualTo(4);
    }

    @Test
    void shouldKnowAFileByTheNameItHasByNow() throws Exception {
        Server first = connected();
        opened(first, 1, "dir/a", OPEN_READ, "handle");
        ask(Packet.of(Packet.EXTENDED, 2, text("posix-rename@openssh.com"), text("dir"), text("moved")));
        first.next();
        first.answer(success(2));
        answer();
        ask(Packet.of(Packet.RENAME, 3, text("moved/a"), text("moved/b")));
        first.next();
        first.answer(success(3));
        answer();
        assertThat(connected().next().third()).asString().isEqualTo("moved/b");
    }

    @Test
    void shouldSayThatAFileIsNotThereAnyMoreAndGoOn() throws Exception {
        Server first = connected();
        opened(first, 1, "a", OPEN_READ, "handle");
        Server second = connected();
        second.answer(Packet.failure(second.next().id()));
        ask(Packet.of(Packet.LSTAT, 2, text("b")));
        assertThat(second.next().type()).isEqualTo(Packet.LSTAT);
        assertThat(log).anyMatch(line -> line.contains("a file that was open is not there any more"));
    }

    @Test
    void shouldSendAgainWhatWasNotAnsweredAndFailWhatMayHaveBeenDone() throws Exception {
        Server first = connected();
        opened(first, 1, "a", OPEN_APPEND, "log");
        ask(Packet.of(Packet.READ, 2, text("handle")));
        ask(Packet.of(Packet.REMOVE, 3, text("b")));
        ask(Packet.of(Packet.WRITE, 4, text("log")));
        ask(Packet.of(Packet.WRITE, 5, text("handle")));
        for (int i = 0; i < 4; i++) {
            first.next();
        }
        first.reset();

        Server second = connected();
        second.answer(Packet.of(Packet.HANDLE, second.next().id(), text("log")));
        assertThat(List.of(answer().id(), answer().id())).containsExactly(3, 4);
        assertThat(List.of(second.next().id(), second.next().id())).containsExactly(2, 5);
        second.answer(Packet.of(Packet.DATA, 2, text("content")));
        assertThat(answer().first()).asString().isEqualTo("content");
    }

    @Test
    void shouldHoldAClientThatAsksForTooMuchUntilThereIsAServer() throws Exception {
        byte[] data = new byte[64 * 1024];
        Thread writer = Thread.ofPlatform().daemon().start(() -> {
            try {
                for (int i = 0; i < 100; i++) {
                    ask(Packet.of(Packet.WRITE, i, text("handle"), Packet.string(data)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Server server = connected();
        for (int i = 0; i < 100; i++) {
            assertThat(server.next().id()).isEqualTo(i);
            server.answer(success(i));
            assertThat(answer().id()).isEqualTo(i);
        }
        writer.join();
    }

    @Test
    void shouldEndAServerThatAnswersWhatNobodyAsked() throws Exception {
        Server server = connected();
        server.answer(success(7));
        assertThat(server.arrived.out().read()).isEqualTo(-1);
    }

    private static Packet lookingOpen(int id, String path, int flags) {
        return Packet.of(Packet.OPEN, id, text(path), Packet.number(flags), Packet.number(4), Packet.number(0644));
    }

    private static Packet handleWithLook(int id, String handle, String attributes, String content) {
        return Packet.of(Packet.HANDLE, id, text(handle), text(attributes), content.getBytes(StandardCharsets.UTF_8));
    }

    private static Packet read(int id, String handle, int from) {
        return Packet.of(Packet.READ, id, text(handle), Packet.number(0), Packet.number(from), Packet.number(4096));
    }

    /** The second question shows that the first, which stays with the relay, has been taken. */
    private void askForWhatIsBeingOpened(Server server) throws IOException {
        ask(Packet.of(Packet.LSTAT, 2, text("a")));
        ask(Packet.of(Packet.LSTAT, 3, text("other")));
        assertThat(server.next().id()).isEqualTo(3);
    }

    private Server looked(int flags) throws IOException {
        Server server = connected();
        ask(lookingOpen(1, "a", flags));
        assertThat(new String(server.next().bytes(), StandardCharsets.US_ASCII)).contains("look@fcvm.dev");
        askForWhatIsBeingOpened(server);
        server.answer(handleWithLook(1, "handle", "what it is", "content"));
        Packet opened = answer();
        assertThat(opened.first()).asString().isEqualTo("handle");
        assertThat(opened.behindFirst()).isEmpty();
        return server;
    }

    @Test
    void shouldAnswerItselfWhatTheServerHasToldOfAFileThatWasOpened() throws Exception {
        Server server = looked(OPEN_READ);
        Packet attributes = answer();
        assertThat(attributes.id()).isEqualTo(2);
        assertThat(attributes.type()).isEqualTo(Packet.ATTRIBUTES);
        assertThat(new String(attributes.bytes(), StandardCharsets.US_ASCII)).endsWith("what it is");
        ask(Packet.of(Packet.FSTAT, 13, text("handle")));
        assertThat(answer().type()).isEqualTo(Packet.ATTRIBUTES);
        ask(read(14, "handle", 0));
        assertThat(answer().first()).asString().isEqualTo("content");
        ask(read(15, "handle", 7));
        assertThat(answer().bytes()).containsSequence(0, 0, 0, 15, 0, 0, 0, Packet.END);
        ask(Packet.of(Packet.CLOSE, 16, text("handle")));
        assertThat(server.next().id()).isEqualTo(16);
    }

    @Test
    void shouldAskTheServerAgainWhenTheClientHasChangedAnything() throws Exception {
        Server server = looked(OPEN_CREATE_TRUNCATE_WRITE);
        answer();
        ask(Packet.of(Packet.WRITE, 13, text("another"), Packet.number(0), Packet.number(0), text("x")));
        assertThat(server.next().id()).isEqualTo(13);
        ask(Packet.of(Packet.FSTAT, 14, text("handle")));
        assertThat(server.next().id()).isEqualTo(14);
        ask(read(15, "handle", 0));
        assertThat(server.next().id()).isEqualTo(15);
    }

    /** The host may have changed it meanwhile. */
    @Test
    void shouldAskTheServerAgainAfterAMoment() throws Exception {
        Server server = looked(OPEN_READ);
        answer();
        clock.set(TimeUnit.MILLISECONDS.toNanos(101));
        ask(read(14, "handle", 0));
        assertThat(server.next().id()).isEqualTo(14);
    }

    @Test
    void shouldNotBelieveALookFromBeforeAChangeThatWasUnderWay() throws Exception {
        Server server = connected();
        ask(lookingOpen(1, "a", OPEN_READ));
        ask(Packet.of(Packet.WRITE, 2, text("another"), Packet.number(0), Packet.number(0), text("x")));
        server.next();
        server.next();
        server.answer(handleWithLook(1, "handle", "what it was", "old"));
        server.answer(success(2));
        answer();
        answer();
        ask(read(3, "handle", 0));
        assertThat(server.next().id()).isEqualTo(3);
    }

    @Test
    void shouldAskForTheAttributesOfAFileThatWasNotOpened() throws Exception {
        Server server = connected();
        ask(lookingOpen(1, "a", OPEN_READ));
        server.next();
        askForWhatIsBeingOpened(server);
        server.answer(Packet.failure(1));
        assertThat(answer().id()).isEqualTo(1);
        assertThat(server.next().id()).isEqualTo(2);
    }

    @Test
    void shouldAskTheNextServerForTheAttributesThatHaveWaitedForAnAnswer() throws Exception {
        Server first = connected();
        ask(lookingOpen(1, "a", OPEN_READ));
        first.next();
        askForWhatIsBeingOpened(first);
        Server second = connected();
        assertThat(List.of(second.next().id(), second.next().id(), second.next().id()))
                .containsExactly(1, 2, 3);
    }
}
