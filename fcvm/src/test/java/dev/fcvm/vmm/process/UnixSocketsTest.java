package dev.fcvm.vmm.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class UnixSocketsTest {

    @TempDir
    Path directory;

    @Test
    void shouldNotFollowALinkThatLiesWhereTheSocketShould() throws Exception {
        Path elsewhere = directory.resolve("elsewhere");
        try (ServerSocketChannel server =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(elsewhere))) {
            Path link = Files.createSymbolicLink(directory.resolve("link"), elsewhere);
            assertThatThrownBy(() -> UnixSockets.connect(link, () -> true, PATIENCE))
                    .hasMessageContaining(link + " is not a socket");
            UnixSockets.connect(elsewhere, () -> true, PATIENCE).close();
            assertThat(server.accept()).isNotNull();
        }
    }

    @Test
    void shouldConnectAsSoonAsTheSocketIsThere() throws Exception {
        Path path = directory.resolve("s");
        AtomicInteger asked = new AtomicInteger();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel channel = UnixSockets.connect(path, () -> bindAtThird(server, path, asked), PATIENCE)) {
            assertThat(channel.isConnected()).isTrue();
            assertThat(asked).hasValue(3);
        }
    }

    @Test
    void shouldGiveUpWhenNobodyWillListenAnyMore() throws Exception {
        Path path = directory.resolve("s");
        assertThatThrownBy(() -> UnixSockets.connect(path, () -> false, PATIENCE))
                .isInstanceOf(IOException.class);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
        }
        assertThatThrownBy(() -> UnixSockets.connect(path, () -> false, PATIENCE))
                .hasMessage("nobody listens on " + path);
        assertThatThrownBy(() -> UnixSockets.connect(path, () -> true, Duration.ofMillis(5)))
                .hasMessageContaining("nobody listened on");
    }

    @Test
    void shouldRefuseAPathTheKernelCannotTake() throws Exception {
        Path longest = Path.of("/" + "x".repeat(UnixSockets.PATH_LIMIT - 1));
        assertThat(UnixSockets.checked(longest, 0)).isEqualTo(longest);
        assertThatThrownBy(() -> UnixSockets.checked(longest, 1))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("XDG_RUNTIME_DIR");
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static boolean bindAtThird(ServerSocketChannel server, Path path, AtomicInteger asked) {
        if (asked.incrementAndGet() == 3) {
            try {
                server.bind(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return true;
    }
}
