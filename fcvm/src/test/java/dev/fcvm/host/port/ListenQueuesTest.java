package dev.fcvm.host.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With this process for the other one, which the kernel treats alike. */
final class ListenQueuesTest {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    @Test
    void shouldLetManyWaitWhereOneCould() throws Exception {
        try (var server = new ServerSocket(0, 1, LOOPBACK)) {
            assertThat(longest(server)).isEqualTo(1);
            ListenQueues.lengthen(ProcessHandle.current().pid());
            assertThat(longest(server)).isGreaterThan(100);
        }
    }

    @Test
    void shouldHaveNoSocketListenThatDoesNot() throws Exception {
        try (var bound = new Socket()) {
            bound.bind(new InetSocketAddress(LOOPBACK, 0));
            ListenQueues.lengthen(ProcessHandle.current().pid());
            assertThatThrownBy(() -> new Socket(LOOPBACK, bound.getLocalPort()).close())
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void shouldLeaveNoDescriptorBehind() throws Exception {
        ListenQueues.lengthen(ProcessHandle.current().pid());
        long before = sockets();
        try (var server = new ServerSocket(0, 1, LOOPBACK)) {
            ListenQueues.lengthen(ProcessHandle.current().pid());
            assertThat(sockets()).isEqualTo(before + 1);
            assertThat(server.isBound()).isTrue();
        }
    }

    @Test
    void shouldSayThatAProcessHasEnded() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        assertThatThrownBy(() -> ListenQueues.lengthen(ended.pid())).isInstanceOf(IOException.class);
    }

    /** Of a socket that listens, the kernel's table has the length of its queue where others have what is not sent. */
    private static int longest(ServerSocket server) throws IOException, InterruptedException {
        Process table = new ProcessBuilder("ss", "-Hltn", "sport = :" + server.getLocalPort()).start();
        String line = new String(table.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        table.waitFor();
        return Integer.parseInt(List.of(line.strip().split("\\s+", -1)).get(2));
    }

    private static long sockets() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(ListenQueuesTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closed) {
            return false;
        }
    }
}
