package dev.fcvm.guest.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a user sees on standard error when the container cannot be made, and that nothing else is touched. */
@Timeout(20)
class EarlyErrorsTest {

    private static final String CRUN = "executable file `x` not found in $PATH: No such file or directory\n";
    private static final String PODMAN =
            "Error: crun: executable file `x` not found in $PATH: No such file or directory:"
                    + " OCI runtime attempted to invoke a command that was not found\n";

    @Test
    void shouldSayOnceWhatTheRuntimeAndPodmanSayBoth() throws IOException {
        assertThat(afterTheEnd(CRUN + PODMAN)).isEqualTo(PODMAN);
    }

    @Test
    void shouldLeaveOtherLinesAloneEvenWhenTheyLookAlike() throws IOException {
        String said = "a warning\n" + CRUN + "\n" + PODMAN.replace("`x`", "`y`");
        assertThat(afterTheEnd(said)).isEqualTo(said);
        assertThat(afterTheEnd("a warning\n" + CRUN + PODMAN)).isEqualTo("a warning\n" + PODMAN);
    }

    @Test
    void shouldKeepEveryByteOfWhatIsNotText() throws IOException {
        byte[] all = new byte[256];
        for (int value = 0; value < all.length; value++) {
            all[value] = (byte) value;
        }
        try (var errors = new EarlyErrors(new ByteArrayInputStream(all), () -> false)) {
            assertThat(errors.readAllBytes()).isEqualTo(all);
        }
    }

    @Test
    void shouldPassOnAtOnceWhenThereIsAContainer() throws IOException {
        var undecided = new AtomicBoolean(true);
        try (var podman = new PipedOutputStream();
                var errors = new EarlyErrors(new PipedInputStream(podman), undecided::get)) {
            podman.write("early\n".getBytes(StandardCharsets.US_ASCII));
            Thread.startVirtualThread(() -> undecided.set(false));
            assertThat(new String(errors.readNBytes(6), StandardCharsets.US_ASCII))
                    .isEqualTo("early\n");

            // The pipe stays open: a read that waited for more than there is would not return.
            podman.write("late".getBytes(StandardCharsets.US_ASCII));
            podman.flush();
            assertThat(new String(errors.readNBytes(4), StandardCharsets.US_ASCII))
                    .isEqualTo("late");
        }
    }

    @Test
    void shouldHoldNoMoreThanAComplaintWhoeverFloodsIt() throws IOException {
        byte[] flood = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        long start = System.nanoTime();
        try (var errors = new EarlyErrors(new ByteArrayInputStream(flood), () -> true)) {
            assertThat(errors.readAllBytes()).isEqualTo(flood);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    private static String afterTheEnd(String said) throws IOException {
        try (var errors =
                new EarlyErrors(new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)), () -> false)) {
            return new String(errors.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
