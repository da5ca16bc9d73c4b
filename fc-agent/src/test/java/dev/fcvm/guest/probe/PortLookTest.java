package dev.fcvm.guest.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class PortLookTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int LONG = 20_000;

    private static ServerSocket answering(String answer, boolean closes) throws IOException {
        var server = new ServerSocket(0, 8, LOOPBACK);
        Thread.ofVirtual().start(() -> {
            try (Socket client = server.accept()) {
                client.getInputStream().read(new byte[1024]);
                client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                if (!closes) {
                    client.getInputStream().read(); // until the other side is tired of it
                }
            } catch (IOException gone) {
                assertThat(gone).isNotNull();
            }
        });
        return server;
    }

    private static PortLook look(InetAddress... addresses) {
        return new PortLook(List.of(addresses));
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK\r\n\r\n', true, 200",
        "'HTTP/1.0 503 \n', true, 503",
        "'HTTP/1.1 404\n', true, 404",
        "'HTTP/1.1 20\n', false, 0",
        "'HTTP/1.1 2000 x\n', false, 0",
        "'HTTP/2 200\n', false, 0",
        "'SSH-2.0-x\n', false, 0",
        "'', false, 0",
    })
    void shouldTellTheStatusOfAWebServer(String answer, boolean met, int status) throws Exception {
        try (ServerSocket server = answering(answer, true)) {
            Sight sight = look(LOOPBACK).get(server.getLocalPort(), "/up?a=b", LONG);
            assertThat(sight.met()).isEqualTo(met);
            assertThat(sight.status()).isEqualTo(status);
            if (!met) {
                assertThat(sight.seen()).containsAnyOf("does not speak HTTP", "closed the connection");
            }
        }
    }

    @Test
    void shouldGiveUpAServerThatNeverAnswers() throws Exception {
        try (ServerSocket server = answering("HTTP/1.1 2", false)) {
            Sight sight = look(LOOPBACK).get(server.getLocalPort(), "/", 50);
            assertThat(sight.met()).isFalse();
            assertThat(sight.seen()).endsWith("did not answer within 50 ms");
        }
    }

    @Test
    void shouldReadOfAnEndlessLineOnlyItsBeginning() throws Exception {
        try (ServerSocket server = answering("x".repeat(100_000), false)) {
            assertThat(look(LOOPBACK).get(server.getLocalPort(), "/", LONG).seen())
                    .contains("does not speak HTTP");
        }
    }

    @Test
    void shouldSayThatAPortRefuses() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, LOOPBACK)) {
            port = free.getLocalPort();
        }
        assertThat(look(LOOPBACK).connect(port, LONG))
                .isEqualTo(new Sight(false, 0, "port " + port + " refused the connection"));
    }

    @Test
    void shouldFindAServerOnWhicheverAddressItListens() throws Exception {
        InetAddress other = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        try (var server = new ServerSocket(0, 8, other)) {
            assertThat(look(LOOPBACK, other)
                            .connect(server.getLocalPort(), LONG)
                            .met())
                    .isTrue();
        }
    }
}
