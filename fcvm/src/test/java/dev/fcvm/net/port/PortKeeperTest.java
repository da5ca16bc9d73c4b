package dev.fcvm.net.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the host's real sockets, on its loopback. */
@Timeout(20)
final class PortKeeperTest {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    @TempDir
    Path sockets;

    @Test
    void shouldLetAnotherProcessHaveAPortReleasedAndHeldAgain() throws Exception {
        PortReservation reservation = PortReservation.hold(PublishedPorts.parse(List.of(":80")), LOOPBACK);
        PublishedPort port = reservation.ports().getFirst();
        try (PortKeeper keeper = PortKeeper.open(sockets, reservation)) {
            assertThat(keeper).isNotNull();
            assertThatThrownBy(() -> bind(port)).isInstanceOf(BindException.class);

            PortKeeper.release(sockets, port);
            assertThatCode(() -> bind(port)).doesNotThrowAnyException();

            PortKeeper.hold(sockets, port);
            assertThatThrownBy(() -> bind(port)).isInstanceOf(BindException.class);
        }
        assertThatCode(() -> bind(port)).doesNotThrowAnyException();
        assertThat(sockets).isEmptyDirectory();
    }

    @Test
    void shouldSayWhoHasThePortItCannotHold() throws Exception {
        try (PortKeeper keeper = PortKeeper.open(sockets, PortReservation.hold(List.of(), LOOPBACK));
                var holder = new ServerSocket(0, 1, LOOPBACK)) {
            assertThat(keeper).isNotNull();
            var taken = new PublishedPort(Optional.of(LOOPBACK), holder.getLocalPort(), 80, Protocol.TCP);
            assertThatThrownBy(() -> PortKeeper.hold(sockets, taken))
                    .isInstanceOf(FcvmException.class)
                    .hasMessageContaining("cannot publish host port 127.0.0.1:" + holder.getLocalPort())
                    .hasMessageContaining("taken by");
        }
    }

    @Test
    void shouldBeNoMatterWhereNobodySupervises() {
        var port = new PublishedPort(Optional.of(LOOPBACK), 8080, 80, Protocol.TCP);
        assertThatCode(() -> PortKeeper.release(sockets, port)).doesNotThrowAnyException();
        assertThatCode(() -> PortKeeper.hold(sockets, port)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hold",
                "hold tcp 127.0.0.1 99999 80",
                "hold tcp 1.2.3 80 80",
                "hold tcp 127.0.0.1 80 80\nhold tcp 127.0.0.1 81 80",
                "drop tcp 127.0.0.1 80 80"
            })
    void shouldAnswerWhatIsNoQuestionAndGoOn(String question) throws Exception {
        try (PortKeeper keeper = PortKeeper.open(sockets, PortReservation.hold(List.of(), LOOPBACK))) {
            assertThat(keeper).isNotNull();
            for (int twice = 0; twice < 2; twice++) {
                byte[] answer =
                        new Exchange(sockets.resolve("ports.sock"), "the keeper", Duration.ofSeconds(10)).ask(question);
                assertThat(new String(answer, StandardCharsets.UTF_8))
                        .isNotEmpty()
                        .isNotEqualTo("done");
            }
        }
    }

    private static void bind(PublishedPort port) throws IOException {
        try (var server = new ServerSocket(port.hostPort(), 1, LOOPBACK)) {
            assertThat(server.isBound()).isTrue();
        }
    }
}
