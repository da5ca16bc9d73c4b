package dev.fcvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a peer that says what a QEMU taken over might say; the real one is in the monitors' contract. */
@Timeout(30)
final class QmpClientTest {

    private static final String GREETING = "{\"QMP\": {}}\r\n";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration IMPATIENCE = Duration.ofMillis(100);

    @TempDir
    Path directory;

    /** What the peer does when it has got the n-th line. */
    private interface Script {
        String answer(int count, String line);
    }

    @Test
    void shouldTakeTheAnswerThatBelongsToTheCommandAndRememberTheFarewell() throws Exception {
        try (QmpClient client = client(
                PATIENCE,
                (count, line) -> count == 1
                        ? done(1)
                        : done(999)
                                + "{\"event\":\"STOP\"}\n{\"event\":\"SHUTDOWN\",\"data\":{\"reason\":\"guest-reset\"}}\n"
                                + done(count))) {
            assertThat(client.farewell()).isEqualTo(new QmpClient.Farewell.None());
            client.execute("stop");
            assertThat(client.farewell()).isEqualTo(new QmpClient.Farewell.Shutdown("guest-reset"));
            client.execute("cont");
        }
    }

    @Test
    void shouldRememberAPanicBeforeTheShutdownThatFollows() throws Exception {
        try (QmpClient client = client(
                PATIENCE,
                (count, line) ->
                        "{\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"poweroff\"}}\n{\"event\":\"SHUTDOWN\",\"data\":{\"reason\":\"guest-panic\"}}\n"
                                + done(count))) {
            assertThat(client.farewell()).isEqualTo(new QmpClient.Farewell.Panic());
        }
    }

    @Test
    void shouldTellWhyACommandWasRefused() throws Exception {
        try (QmpClient client = client(
                PATIENCE,
                (count, line) ->
                        count == 1 ? done(1) : "{\"error\":{\"desc\":\"not now\"},\"id\":%d}\n".formatted(count))) {
            assertThatThrownBy(() -> client.execute("stop")).hasMessage("QEMU refused stop: not now");
        }
    }

    @Test
    void shouldGiveUpOnAPeerThatIsSilent() throws Exception {
        try (QmpClient client = client(IMPATIENCE, (count, line) -> count == 1 ? done(1) : "")) {
            assertThatThrownBy(() -> client.execute("stop"))
                    .hasMessageContaining("did not answer to stop within 100 ms");
        }
    }

    @Test
    void shouldGiveUpAtOnceOnAPeerThatTalksNonsenseOrWithoutEnd() {
        for (String nonsense : new String[] {"nonsense\n", "x".repeat(1 << 20)}) {
            assertThatThrownBy(() -> client(PATIENCE, (count, line) -> nonsense))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("QEMU sent");
        }
    }

    @Test
    void shouldGiveUpAtOnceOnAPeerThatHangsUp() {
        assertThatThrownBy(() -> client(PATIENCE, (count, line) -> {
                    throw new IllegalStateException("hang up");
                }))
                .isInstanceOf(IOException.class);
    }

    private final AtomicInteger peers = new AtomicInteger();

    private QmpClient client(Duration patience, Script script) throws IOException, InterruptedException {
        Path path = directory.resolve("qmp" + peers.incrementAndGet());
        SocketChannel ours = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            ours.connect(UnixDomainSocketAddress.of(path));
            SocketChannel theirs = server.accept();
            Thread.ofVirtual().start(() -> play(theirs, script));
        }
        return QmpClient.open(ours, patience);
    }

    private static void play(SocketChannel channel, Script script) {
        try (channel;
                BufferedReader lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            send(channel, GREETING);
            int count = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                send(channel, script.answer(++count, line));
            }
        } catch (IOException | IllegalStateException e) {
            // The client has hung up, or the script wants to.
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String done(int id) {
        return "{\"return\":{},\"id\":%d}\n".formatted(id);
    }
}
