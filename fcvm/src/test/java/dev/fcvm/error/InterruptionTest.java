package dev.fcvm.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InterruptionTest {

    @Test
    void shouldBeSeenBehindTheFailureOfAFileThatAnInterruptedThreadReads(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "text");
        Thread.currentThread().interrupt();
        Throwable failure = catchThrowable(() -> Files.readString(file));
        assertThat(Thread.interrupted()).isTrue();

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
