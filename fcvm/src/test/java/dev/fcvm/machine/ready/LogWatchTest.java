package dev.fcvm.machine.ready;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.log.OutputLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogWatchTest {

    private static boolean wrote(LogWatch watch, Output output, String text) {
        return watch.wrote(output, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void shouldFindALineThatComesInPiecesOnEitherOutput() {
        var watch = new LogWatch("^ready: [0-9]+$");
        assertThat(wrote(watch, Output.STDOUT, "rea")).isTrue();
        assertThat(wrote(watch, Output.STDERR, "starting\nready")).isTrue();
        assertThat(wrote(watch, Output.STDOUT, "dy\n")).isTrue();
        assertThat(watch.last()).isEqualTo("ready");
        assertThat(wrote(watch, Output.STDERR, ": 12\r\nmore\n")).isFalse();
        assertThat(watch.outcome()).isCompletedWithValue(Optional.empty());
    }

    @Test
    void shouldLookAtALineWithoutAnEndInParts() {
        var watch = new LogWatch("needle");
        assertThat(wrote(watch, Output.STDOUT, "x".repeat(9000) + "needle" + "x".repeat(8000)))
                .isFalse();
    }

    @Test
    void shouldGiveUpAPatternThatNeedsTooLong() {
        var watch = new LogWatch("^(a+)+\\1!b$");
        assertThat(wrote(watch, Output.STDOUT, "a".repeat(60) + "!\n")).isFalse();
        assertThat(watch.outcome().join().orElseThrow()).startsWith("the pattern needs too long for a line of 61");
    }

    @Test
    void shouldTakeAnOrdinaryPatternForTheLongestLine() {
        var watch = new LogWatch(".*one.*two");
        assertThat(wrote(watch, Output.STDOUT, "o".repeat(8000) + "\n")).isTrue();
    }

    /** The log keeps four kibibytes; most of what is written has been dropped when the last line comes. */
    @Test
    void shouldMissNoLineOfAContainerThatWritesMoreThanTheLogHolds(@TempDir Path directory) throws Exception {
        try (OutputLog log = OutputLog.open(directory, OutputLog.LEAST_LIMIT, Clock.systemUTC())) {
            log.begin();
            var signs = new Signs();
            LogWatch early = signs.watch("^line 500$");
            signs.opened(log);
            for (int i = 0; i < 5000; i++) {
                byte[] line = ("line " + i + "\n").getBytes(StandardCharsets.UTF_8);
                log.append(Output.STDOUT, ByteBuffer.wrap(line));
            }
            assertThat(early.outcome()).isCompletedWithValue(Optional.empty());
        }
    }

    @Test
    void shouldSeeWhatWasWrittenSinceTheContainersStartAndNothingOfEarlierRuns(@TempDir Path directory)
            throws Exception {
        try (OutputLog log = OutputLog.open(directory, OutputLog.DEFAULT_LIMIT, Clock.systemUTC())) {
            log.begin();
            log.append(Output.STDERR, ByteBuffer.wrap("old\n".getBytes(StandardCharsets.UTF_8)));
            log.begin();
            log.append(Output.STDOUT, ByteBuffer.wrap("new\nha".getBytes(StandardCharsets.UTF_8)));
            var signs = new Signs();
            signs.opened(log);

            assertThat(signs.watch("new").outcome()).isCompleted();
            LogWatch old = signs.watch("old");
            LogWatch half = signs.watch("half");
            log.append(Output.STDOUT, ByteBuffer.wrap("lf\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(old.outcome()).isNotDone();
            assertThat(half.outcome()).isCompleted();
        }
    }
}
