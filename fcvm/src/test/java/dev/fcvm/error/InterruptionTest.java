package dev.fcvm.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InterruptionTest {

    @Test
    void shouldBeSeenBehindTheFailureOfAChannelThatAnInterruptedThreadReads(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "text");
        Throwable failure;
        try (FileChannel channel = FileChannel.open(file)) {
            Thread.currentThread().interrupt();
            failure = catchThrowable(() -> channel.read(ByteBuffer.allocate(1)));
        } finally {
            // Whether the flag is still up is Java's affair; no later test is to find it.
            var _ = Thread.interrupted();
        }

        assertThat(Interruption.isBehind(failure)).isTrue();
        assertThat(Interruption.isBehind(new UncheckedIOException((IOException) failure)))
                .isTrue();
        assertThat(Interruption.isBehind(new FcvmException(FcvmException.Kind.HOST, "cannot read", failure)))
                .isTrue();
    }

    @Test
    void shouldNotBeSeenBehindAnyOtherFailure() {
        assertThat(Interruption.isBehind(new UncheckedIOException(new IOException("disk full"))))
                .isFalse();
    }
}
