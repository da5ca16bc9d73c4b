package dev.fcvm.vmm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class VsockDialerTest {

    @TempDir
    Path directory;

    @Test
    void shouldTryAgainUntilTheGuestListensAndLeaveItsFirstBytes() throws Exception {
        Path path = directory.resolve("vsock");
        String endless = "x".repeat(40);
        try (FakeFirecracker fake = new FakeFirecracker(
                        path, FakeFirecracker.HANG_UP, FakeFirecracker.HANG_UP, endless, "OK 1073741824\nhello");
                SocketChannel channel = new VsockDialer(path, () -> true).dial(1024)) {
            for (int attempt = 0; attempt < 4; attempt++) {
                assertThat(fake.request()).isEqualTo("CONNECT 1024\n");
            }
            ByteBuffer bytes = ByteBuffer.allocate(5);
            while (bytes.hasRemaining()) {
                assertThat(channel.read(bytes)).isPositive();
            }
            assertThat(StandardCharsets.US_ASCII.decode(bytes.flip()).toString())
                    .isEqualTo("hello");
        }
    }

    @Test
    void shouldTryAgainWhenFirecrackerLeavesItHanging() throws Exception {
        Path path = directory.resolve("vsock");
        try (FakeFirecracker _ = new FakeFirecracker(path, FakeFirecracker.SILENCE, "OK 1\n");
                SocketChannel channel = new VsockDialer(path, () -> true).dial(1024)) {
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void shouldGiveUpWhenTheMachineHasEnded() throws Exception {
        Path path = directory.resolve("vsock");
        assertThatThrownBy(() -> new VsockDialer(path, () -> false).dial(1024)).isInstanceOf(IOException.class);
        try (FakeFirecracker _ = new FakeFirecracker(path, FakeFirecracker.HANG_UP)) {
            assertThatThrownBy(() -> new VsockDialer(path, () -> false).dial(1024))
                    .hasMessage("the machine has ended");
        }
    }
}
