package dev.fcvm.machine.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputLogTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05.000000006Z"), ZoneOffset.UTC);

    @TempDir
    Path directory;

    @Test
    void shouldKeepEachOutputByteForByte() throws Exception {
        byte[] odd = {0, (byte) 0xff, '\n', 0x1b, '\r'};
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            log.append(Output.STDOUT, ByteBuffer.wrap(odd));
            append(log, Output.STDERR, "no line end");
            append(log, Output.STDOUT, "more\n");

            assertThat(log.position()).isEqualTo(new Position(10, 11));
        }

        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        show(LogQuery.ALL, Map.of(Output.STDOUT, out, Output.STDERR, err));
        assertThat(out.toByteArray()).startsWith(odd).endsWith("more\n".getBytes(StandardCharsets.UTF_8));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("no line end");
    }

    @Test
    void shouldGoOnWhereAKilledWriterEndedWithoutWhatItHadHalfWritten() throws Exception {
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            log.begin();
            append(log, Output.STDOUT, "whole");
            append(log, Output.STDOUT, "cut off");
        }
        Path file = directory.resolve("output.log");
        byte[] all = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(all, all.length - 3), StandardOpenOption.TRUNCATE_EXISTING);

        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            assertThat(log.position()).isEqualTo(new Position(5, 0));
            append(log, Output.STDOUT, ", and on");
        }
        assertThat(text(LogQuery.ALL)).isEqualTo("whole, and on");
    }

    @Test
    void shouldTellWhereTheContainerWasLastStartedHoweverOftenItIsOpened() throws Exception {
        try (OutputLog log = open(4096)) {
            append(log, Output.STDOUT, "x".repeat(1000));
            log.begin();
            for (int time = 0; time < 10; time++) {
                append(log, Output.STDERR, "y".repeat(1000));
            }
        }
        try (OutputLog log = open(4096)) {
            assertThat(log.run()).isEqualTo(new Position(1000, 0));
            assertThat(log.position()).isEqualTo(new Position(1000, 10_000));
        }
    }

    @Test
    void shouldHoldNoMoreThanItsLimitAndAlwaysTheLast() throws Exception {
        try (OutputLog log = open(8192)) {
            for (int line = 0; line < 5000; line++) {
                append(log, Output.STDOUT, "line " + line + "\n");
            }
        }
        try (var files = Files.list(directory)) {
            assertThat(files.mapToLong(OutputLogTest::size).sum()).isBetween(2048L, 8192L);
        }
        assertThat(text(LogQuery.ALL)).endsWith("line 4998\nline 4999\n");
    }

    @Test
    void shouldShowEachLineOnceToWhoeverReadsWhileTheFilesAreExchanged() throws Exception {
        try (OutputLog log = open(64 << 10)) {
            append(log, Output.STDOUT, "");
            try (LogReader reader = LogReader.open(directory).orElseThrow()) {
                var seen = new StringBuilder();
                for (int line = 0; line < 20_000; line++) {
                    append(log, Output.STDOUT, line + "\n");
                    seen.append(rest(reader));
                }
                assertThat(seen.toString())
                        .isEqualTo(IntStream.range(0, 20_000)
                                .mapToObj(line -> line + "\n")
                                .collect(Collectors.joining()));
            }
        }
    }

    @Test
    void shouldShowASlowReaderAllThatIsStillThere() throws Exception {
        try (OutputLog log = open(4096)) {
            append(log, Output.STDOUT, "first\n");
            try (LogReader reader = LogReader.open(directory).orElseThrow()) {
                append(log, Output.STDOUT, "a".repeat(2000));
                append(log, Output.STDOUT, "b".repeat(2000));

                assertThat(rest(reader)).isEqualTo("first\n" + "a".repeat(2000) + "b".repeat(2000));
            }
        }
    }

    private static String rest(LogReader reader) throws IOException {
        var seen = new StringBuilder();
        for (Optional<LogRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
            seen.append(new String(record.get().bytes(), StandardCharsets.UTF_8));
        }
        return seen.toString();
    }

    @Test
    void shouldSayWhereItGoesOnWhenTheGuestHadToDropOutput() throws Exception {
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            append(log, Output.STDOUT, "early\n");
            log.skipTo(new Position(1_000_000, 5));
            append(log, Output.STDOUT, "late\n");
        }
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            assertThat(log.position()).isEqualTo(new Position(1_000_005, 5));
        }
        assertThat(text(LogQuery.ALL)).isEqualTo("early\nlate\n");
    }

    /** The numbers are the guest's own. */
    @Test
    void shouldGoOnAndOpenAgainWhenTheGuestSaysItHasWrittenMoreThanThereAreNumbersFor() throws Exception {
        for (int start = 0; start < 3; start++) {
            try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
                log.begin();
                log.skipTo(log.run().plus(new Position(Long.MAX_VALUE, Long.MAX_VALUE - 1)));
                append(log, Output.STDOUT, "out\n");
                append(log, Output.STDERR, "err\n");
                append(log, Output.STDOUT, "more\n");
            }
        }

        assertThat(text(tail(3))).as("of standard output").isEqualTo("out\nmore\n");
    }

    @Test
    void shouldShowTheLastLinesOnlyOfBothOutputsTogether() throws Exception {
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            append(log, Output.STDOUT, "one\ntw");
            append(log, Output.STDOUT, "o\nthree\n");
            append(log, Output.STDERR, "four\n");
        }
        assertThat(text(tail(2))).isEqualTo("three\n");
        assertThat(text(tail(3))).isEqualTo("two\nthree\n");
        assertThat(text(tail(0))).isEmpty();
        assertThat(text(tail(9))).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void shouldPutTheTimeBeforeEachLineAsPodmanDoes() throws Exception {
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            append(log, Output.STDOUT, "on");
            append(log, Output.STDOUT, "e\ntwo\n");
        }
        assertThat(text(new LogQuery(Optional.empty(), Optional.empty(), OptionalLong.empty(), true)))
                .isEqualTo("2026-01-02T03:04:05.000000006+00:00 one\n2026-01-02T03:04:05.000000006+00:00 two\n");
    }

    @Test
    void shouldLeaveOutWhatIsTooOldOrTooYoung() throws Exception {
        try (OutputLog log = open(OutputLog.DEFAULT_LIMIT)) {
            append(log, Output.STDOUT, "now\n");
        }
        Optional<Instant> later = Optional.of(CLOCK.instant().plus(Duration.ofSeconds(1)));
        Optional<Instant> earlier = Optional.of(CLOCK.instant().minus(Duration.ofSeconds(1)));
        assertThat(text(new LogQuery(later, Optional.empty(), OptionalLong.empty(), false)))
                .isEmpty();
        assertThat(text(new LogQuery(Optional.empty(), earlier, OptionalLong.empty(), false)))
                .isEmpty();
        assertThat(text(new LogQuery(earlier, later, OptionalLong.empty(), false)))
                .isEqualTo("now\n");
    }

    private OutputLog open(long limit) throws IOException {
        return OutputLog.open(directory, limit, CLOCK);
    }

    private static void append(OutputLog log, Output output, String text) throws IOException {
        log.append(output, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static LogQuery tail(long lines) {
        return new LogQuery(Optional.empty(), Optional.empty(), OptionalLong.of(lines), false);
    }

    private String text(LogQuery query) throws IOException {
        var out = new ByteArrayOutputStream();
        show(query, Map.of(Output.STDOUT, out));
        return out.toString(StandardCharsets.UTF_8);
    }

    private void show(LogQuery query, Map<Output, OutputStream> targets) throws IOException {
        try (LogView view =
                LogView.open(directory, query, ZoneOffset.UTC, targets).orElseThrow()) {
            view.show();
        }
    }

    private static long size(Path file) {
        return file.toFile().length();
    }
}
