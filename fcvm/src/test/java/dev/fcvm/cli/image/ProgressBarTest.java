package dev.fcvm.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.command.CommandContext;
import dev.fcvm.image.Progress;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

    private static final String ERASE = "\r\033[K";

    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @Test
    void shouldShowHowMuchHasComeAndLeaveNothing() {
        Progress bar = bar(true, false);
        bar.step("fetching a");
        bar.bytes(0, 2_000_000);
        bar.bytes(1_000_000, 2_000_000);
        bar.bytes(3_000_000, 2_000_000);
        bar.finished();

        assertThat(shown().split(ERASE.replace("[", "\\["), -1))
                .containsExactly(
                        "",
                        "fetching a",
                        "fetching a  [------------------------] 0 B / 2 MB",
                        "fetching a  [############------------] 1 MB / 2 MB",
                        "fetching a  [########################] 2 MB / 2 MB",
                        "");
        assertThat(shown()).endsWith(ERASE);
    }

    @Test
    void shouldShowABareNumberWhenTheTotalIsUnknown() {
        Progress bar = bar(true, false);
        bar.step("fetching a");
        bar.bytes(1234, 0);

        assertThat(shown()).endsWith("fetching a  1.23 kB");
    }

    @Test
    void shouldStayOnOneLineOfATerminalWhateverTheNameIs() {
        Progress bar = bar(true, false);
        bar.step("fetching quay.io/" + "x".repeat(230) + ":tag\u001b[2J\n");
        bar.bytes(Long.MAX_VALUE / 2, Long.MAX_VALUE);
        bar.bytes(5, 0);

        for (String line : shown().split("\r", -1)) {
            assertThat(line.replace("\033[K", "")).hasSizeLessThan(80).matches("\\P{Cntrl}*");
        }
        assertThat(shown()).contains("[############------------]");
    }

    @Test
    void shouldWriteOnlyWhatHasChanged() {
        Progress bar = bar(true, false);
        bar.step("a");
        bar.bytes(1, 1000);
        int before = error.size();
        bar.bytes(1, 1000);

        assertThat(error.size()).isEqualTo(before);
    }

    @Test
    void shouldBeSilentWhenNobodyWatchesOrWantsIt() {
        for (Progress bar : new Progress[] {bar(false, false), bar(true, true)}) {
            bar.step("fetching a");
            bar.bytes(1, 2);
            bar.finished();
        }

        assertThat(shown()).isEmpty();
    }

    private Progress bar(boolean terminal, boolean quiet) {
        return ProgressBar.on(
                CommandContext.of(
                        Map.of(),
                        new CommandContext.Streams(
                                () -> {
                                    throw new IllegalStateException("nothing is read");
                                },
                                OutputStream.nullOutputStream(),
                                error,
                                false,
                                terminal)),
                quiet);
    }

    private String shown() {
        return error.toString(StandardCharsets.UTF_8);
    }
}
