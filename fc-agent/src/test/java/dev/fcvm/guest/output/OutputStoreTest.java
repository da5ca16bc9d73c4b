package dev.fcvm.guest.output;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.Dialer;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.Message;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Eight bytes a number, so that each tells where it is. */
@Timeout(60)
class OutputStoreTest {

    private static final int ROOM = 1024 * 1024;

    @TempDir
    private Path directory;

    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private ServerSocketChannel server;
    private LinkAcceptor hosts;
    private Dialer way;

    @BeforeEach
    void begin() throws Exception {
        var address = UnixDomainSocketAddress.of(directory.resolve("link"));
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        var options = new LinkOptions(256 * 1024, Duration.ZERO);
        hosts = Links.guest(server::accept, options);
        way = () -> SocketChannel.open(address);
    }

    @AfterEach
    void end() throws Exception {
        hosts.close();
        server.close();
    }

    /** A session, its stream, and the store's word of where it begins. */
    private final class Host implements AutoCloseable {

        final Link link = Links.host(way, LinkOptions.defaults());
        final LinkStream stream = link.openStream();
        final Link guest;
        final long begin;

        Host(OutputStore store, long from) throws Exception {
            var session = hosts.accept();
            while (!session.session().equals(link.session())) {
                session = hosts.accept();
            }
            guest = session;
            link.send(new Message.Attach("c", 0, stream.number(), 0, 0, 0));
            var attach = (Message.Attach) guest.receive();
            begin = store.attach(guest, guest.joinStream(attach.stdout()), from, "sender");
        }

        InputStream output() {
            return stream.input();
        }

        @Override
        public void close() throws IOException {
            link.close();
        }
    }

    private OutputStore store(long limit) {
        return new OutputStore(directory.resolve("spilled/output"), limit, log::add);
    }

    /** Numbers from this one to below that one, as bytes. */
    private static byte[] numbers(long from, long to) {
        var text = new StringBuilder();
        for (long i = from / 8; i < (to + 7) / 8; i++) {
            text.append("%07d\n".formatted(i));
        }
        return text.substring((int) (from % 8), (int) (to - from / 8 * 8)).getBytes(US_ASCII);
    }

    private static OutputReader write(OutputStore store, byte[] bytes) {
        return OutputReader.start("writer", new ByteArrayInputStream(bytes), store, () -> {});
    }

    private static void awaitEnd(OutputReader reader) throws InterruptedException {
        reader.awaitEnd(60_000);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldKeepAllOfAnOutputWithinItsLimitAndSendItFromAnyNumber() throws Exception {
        var store = store(3 * ROOM);
        awaitEnd(write(store, numbers(0, 3 * ROOM)));
        assertThat(store.from()).isZero();
        assertThat(store.to()).isEqualTo(3 * ROOM);
        for (long from : new long[] {0, 5, ROOM + 1, 2 * ROOM + 7, 3 * ROOM - 1, 3 * ROOM}) {
            try (var host = new Host(store, from)) {
                assertThat(host.begin).isEqualTo(from);
                assertThat(host.output().readAllBytes()).isEqualTo(numbers(from, 3 * ROOM));
            }
        }
    }

    @Test
    void shouldDropTheOldestBeyondItsLimitAndTellByTheNumbers() throws Exception {
        int all = 5 * ROOM + 3;
        var store = store(100_000);
        awaitEnd(write(store, numbers(0, all)));
        assertThat(store.to()).isEqualTo(all);
        assertThat(Files.size(directory.resolve("spilled/output"))).isLessThanOrEqualTo(100_000);
        try (var host = new Host(store, 0)) {
            assertThat(host.begin).isGreaterThan(all - ROOM - 400_000).isEqualTo(store.from());
            assertThat(host.output().readAllBytes()).isEqualTo(numbers(host.begin, all));
        }
    }

    @Test
    void shouldHoldTheWriterUpForAHostThatIsThereAndNotWhenItIsGone() throws Exception {
        int all = 3 * ROOM;
        var store = store(all);
        try (var out = new PipedOutputStream();
                var in = new PipedInputStream(out, 8192)) {
            var reader = OutputReader.start("writer", in, store, () -> {});
            OutputReader waiting;
            try (var host = new Host(store, 0)) {
                var writer = new Thread(() -> {
                    try (out) {
                        out.write(numbers(0, all));
                    } catch (IOException e) {
                        log.add("the writer: " + e.getMessage());
                    }
                });
                writer.start();
                await(() -> store.to() == ROOM);
                assertThat(host.output().readNBytes(8)).isEqualTo(numbers(0, 8));
                // Read is not yet kept.
                store.kept(8);
                await(() -> store.to() == ROOM + 8);
                waiting = reader;
            }
            awaitEnd(waiting);
            assertThat(store.to()).isEqualTo(all);
            assertThat(store.from()).isEqualTo(8);
            try (var next = new Host(store, 8)) {
                assertThat(next.output().readAllBytes()).isEqualTo(numbers(8, all));
            }
        }
        assertThat(log).isEmpty();
    }

    @Test
    void shouldForgetWhatIsKeptAndItsFileWithTheLastOfIt() throws Exception {
        var store = store(3 * ROOM);
        awaitEnd(write(store, numbers(0, 3 * ROOM)));
        Path file = directory.resolve("spilled/output");
        assertThat(file).exists();
        // Nobody has been sent anything: whoever says so is mistaken.
        store.kept(ROOM);
        assertThat(store.from()).isZero();
        try (var host = new Host(store, 0)) {
            host.output().readAllBytes();
        }
        store.kept(ROOM);
        assertThat(store.from()).isEqualTo(ROOM);
        store.kept(5);
        assertThat(store.from()).isEqualTo(ROOM);
        store.kept(3 * ROOM - 1);
        assertThat(store.from()).isEqualTo(3 * ROOM - 1);
        assertThat(file).doesNotExist();
        try (var host = new Host(store, 0)) {
            assertThat(host.output().readAllBytes()).isEqualTo(numbers(3 * ROOM - 1, 3 * ROOM));
        }
    }

    @Test
    void shouldGiveTheOutputToTheLastWhoAsks() throws Exception {
        var store = store(ROOM);
        try (var out = new PipedOutputStream();
                var in = new PipedInputStream(out)) {
            OutputReader.start("writer", in, store, () -> {});
            out.write(numbers(0, 8));
            try (var first = new Host(store, 0)) {
                assertThat(first.output().readNBytes(8)).isEqualTo(numbers(0, 8));
                var more = first.link.openStream();
                first.link.send(new Message.Attach("c", 0, more.number(), 0, 0, 0));
                var attach = (Message.Attach) first.guest.receive();
                store.attach(first.guest, first.guest.joinStream(attach.stdout()), 4, "other");
                assertThatThrownBy(() -> first.output().read()).hasMessageContaining("has reset stream 1");
                out.write(numbers(8, 16));
                assertThat(more.input().readNBytes(12)).isEqualTo(numbers(4, 16));
            }
        }
    }

    @Test
    void shouldReadNoMoreOfAnOutputThatTheHostHasAbandoned() throws Exception {
        var store = store(ROOM);
        try (var in = new PipedInputStream(8192);
                var out = new PipedOutputStream(in);
                var host = new Host(store, 0)) {
            OutputReader.start("writer", in, store, () -> {});
            host.stream.reset();
            // Closed at the other end, as the reading end of a pipe is.
            assertThatThrownBy(() -> {
                        while (true) {
                            out.write(new byte[1000]);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void shouldLoseTheOldestWhereTheDiskTakesNothingAndSayItOnce() throws Exception {
        Files.writeString(directory.resolve("spilled"), "a file where the directory should be");
        var store = store(10 * ROOM);
        awaitEnd(write(store, numbers(0, 4 * ROOM)));
        assertThat(store.to()).isEqualTo(4 * ROOM);
        assertThat(log).singleElement().asString().startsWith("output that no host has taken is lost: ");
        try (var host = new Host(store, 0)) {
            assertThat(host.begin).isBetween(3L * ROOM, 4L * ROOM);
            assertThat(host.output().readAllBytes()).isEqualTo(numbers(host.begin, 4 * ROOM));
        }
    }
}
