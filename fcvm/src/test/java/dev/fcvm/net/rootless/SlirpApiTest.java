package dev.fcvm.net.rootless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to slirp4netns and understood of it; a made-up one answers. Machines talk to the real one. */
@Timeout(20)
class SlirpApiTest {

    private static final PublishedPort WEB =
            new PublishedPort(Optional.of(InetAddress.ofLiteral("127.0.0.1")), 18080, 80, Protocol.TCP);

    @TempDir
    Path directory;

    @Test
    void shouldAskForAPortAsTheManualSays() throws Exception {
        assertThat(asked("{\"return\":{\"id\":1}}", api -> {
                    api.add(WEB, "10.0.2.100");
                    return List.of();
                }))
                .isEqualTo("{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"tcp\",\"host_addr\":\"127.0.0.1\","
                        + "\"host_port\":18080,\"guest_addr\":\"10.0.2.100\",\"guest_port\":80}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"return\":%s}", "%s"})
    void shouldListPortsInTheFormOfTheManualAndInTheRealOne(String form) throws Exception {
        String entries = """
                {"entries":[{"id":3,"proto":"tcp","host_addr":"127.0.0.1","host_port":18080,"guest_addr":"10.0.2.100",\
                "guest_port":80},{"id":4,"proto":"udp","host_addr":"127.0.0.1","host_port":53,"guest_port":53},{"odd":1}]}""";
        asked(form.formatted(entries), api -> {
            assertThat(api.list()).extracting(SlirpApi.Forwarding::port).first().isEqualTo(WEB);
            return List.of();
        });
    }

    @Test
    void shouldSayWhatItWasRefused() {
        assertThatThrownBy(() -> asked("{\"error\":{\"desc\":\"bad request: add_hostfwd: failed\"}}", api -> {
                    api.add(WEB, "10.0.2.100");
                    return List.of();
                }))
                .hasMessageContaining("bad request: add_hostfwd: failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{\"return\":1}", "{\"error\":\"x\"}", "{\"return\":{}}{"})
    void shouldTakeNothingElseForAnAnswer(String answer) {
        assertThatThrownBy(() -> asked(answer, SlirpApi::list)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldNotBreakOnAnAnswerThatIsNestedWithoutEnd() {
        byte[] deep = "{\"return\":".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> SlirpApi.answer(deep)).isInstanceOf(IOException.class);
    }

    /** Neither one that has stopped (it does not even take the connection) nor one that takes it and is silent. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotWaitForeverForAnAnswer(boolean accepts) throws Exception {
        Path socket = directory.resolve("api.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            CompletableFuture<SocketChannel> taken =
                    accepts ? CompletableFuture.supplyAsync(() -> accepted(server)) : new CompletableFuture<>();
            var api = new SlirpApi(socket, Duration.ofSeconds(1));

            assertThatThrownBy(api::list)
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("slirp4netns does not answer within 1 s");
            assertThatThrownBy(() -> api.add(WEB, "10.0.2.100")).isInstanceOf(SocketTimeoutException.class);
            if (accepts) {
                taken.get(10, TimeUnit.SECONDS).close();
            }
        }
    }

    @Test
    void shouldNotWaitForeverToBeTaken() throws Exception {
        Path socket = directory.resolve("api.sock");
        List<SocketChannel> queue = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket), 1);
            while (waits(socket, queue)) {
                assertThat(queue).hasSizeLessThan(100);
            }
            assertThatThrownBy(new SlirpApi(socket, Duration.ofSeconds(1))::list)
                    .isInstanceOf(SocketTimeoutException.class);
        } finally {
            for (SocketChannel each : queue) {
                each.close();
            }
        }
    }

    /** Joins the queue of those who want to be taken; false when it is full. */
    private static boolean waits(Path socket, List<SocketChannel> queue) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        queue.add(channel);
        channel.configureBlocking(false);
        try {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException full) { // Resource temporarily unavailable
            return false;
        }
    }

    private static SocketChannel accepted(ServerSocketChannel server) {
        try {
            return server.accept();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private interface Talk {
        List<SlirpApi.Forwarding> with(SlirpApi api) throws IOException;
    }

    /** Has one conversation with a server that gives this answer; returns what it was asked. */
    private String asked(String answer, Talk talk) throws Exception {
        Path socket = directory.resolve("api.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            CompletableFuture<String> question = CompletableFuture.supplyAsync(() -> serve(server, answer));
            talk.with(new SlirpApi(socket));
            return question.get(10, TimeUnit.SECONDS);
        }
    }

    private static String serve(ServerSocketChannel server, String answer) {
        try (SocketChannel client = server.accept()) {
            String question = new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
            client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            return question;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
