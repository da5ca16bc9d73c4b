package dev.fcvm.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConsoleLogTest {

    @TempDir
    Path directory;

    @Test
    void shouldKeepTheLastOfAConsoleThatNeverStopsInABoundedFile() throws Exception {
        Path file = directory.resolve("console.log");
        int lines = 200_000;
        StringBuilder flood = new StringBuilder();
        for (int line = 0; line < lines; line++) {
            flood.append("line ").append(line).append('\n');
        }
        try (ConsoleLog log = ConsoleLog.create(file)) {
            log.drain(Channels.newChannel(
                    new ByteArrayInputStream(flood.toString().getBytes(StandardCharsets.UTF_8))));
            assertThat(log.awaitEnd(Duration.ofSeconds(30))).isTrue();
            assertThat(log.tail(2)).isEqualTo("line 199998\nline 199999");
        }
        assertThat(Files.size(file)).isBetween((long) ConsoleLog.LIMIT / 2 - 100, (long) ConsoleLog.LIMIT);
        String kept = Files.readString(file);
        int first = Integer.parseInt(kept.lines().findFirst().orElseThrow().substring("line ".length()));
        assertThat(flood.toString()).endsWith(kept);
        assertThat(first).isPositive();
    }

    @Test
    void shouldStayBoundedWhenTheGuestNeverEndsALine() throws Exception {
        Path file = directory.resolve("console.log");
        try (ConsoleLog log = ConsoleLog.create(file)) {
            byte[] piece = "x".repeat(16 << 10).getBytes(StandardCharsets.UTF_8);
            for (int count = 0; count < 200; count++) {
                log.append(ByteBuffer.wrap(piece));
                assertThat(Files.size(file)).isLessThanOrEqualTo(ConsoleLog.LIMIT);
            }
            assertThat(log.tail(10)).hasSize(501).endsWith("x…");
        }
    }

    @Test
    void shouldTellAPanicAlsoAfterItWasClosed() throws Exception {
        ConsoleLog log = ConsoleLog.create(directory.resolve("console.log"));
        log.append(ByteBuffer.wrap("[    1.2] Kernel panic - not".getBytes(StandardCharsets.UTF_8)));
        assertThat(log.endsInPanic()).isFalse();
        log.append(ByteBuffer.wrap(" syncing: VFS\n[ 1.3] trace\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(log.endsInPanic()).isTrue();
        log.close();
        assertThat(log.endsInPanic()).isTrue();
        assertThat(log.tail(1)).as("not the trace behind it").isEqualTo("[    1.2] Kernel panic - not syncing: VFS");
    }

    @Test
    void shouldBeReadableForItsOwnerOnlyAndBeginAnew() throws Exception {
        Path file = Files.writeString(directory.resolve("console.log"), "old");
        try (ConsoleLog log = ConsoleLog.create(file)) {
            assertThat(log.tail(5)).isEmpty();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void shouldGoOnWhenItsReaderIsInterrupted() throws Exception {
        try (ConsoleLog log = ConsoleLog.create(directory.resolve("console.log"))) {
            log.append(ByteBuffer.wrap("one\n".getBytes(StandardCharsets.UTF_8)));
            Thread.currentThread().interrupt();
            assertThat(log.tail(5)).isEqualTo("one");
            assertThat(Thread.interrupted()).isTrue();
            log.append(ByteBuffer.wrap("two\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(log.tail(5)).isEqualTo("one\ntwo");
        }
    }

    @Test
    void shouldSayWhereItCannotBeMade() {
        Path file = directory.resolve("missing/console.log");
        assertThatThrownBy(() -> ConsoleLog.create(file))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(file.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reboot: System halted\n",
                "[    1.234567] reboot: Power down\r\n",
                "x\n[12345.678901] reboot: Power off not available: System halted instead\n"
            })
    void shouldNoticeThatTheKernelHasSwitchedOffHoweverItsWordsArrive(String words) throws Exception {
        for (int cut = 0; cut < words.length(); cut++) {
            try (ConsoleLog log = ConsoleLog.create(directory.resolve("console.log"))) {
                AtomicInteger halts = new AtomicInteger();
                log.onHalt(halts::incrementAndGet);
                for (String part : List.of("y".repeat(500) + "\n", words.substring(0, cut), words.substring(cut))) {
                    log.append(ByteBuffer.wrap(part.getBytes(StandardCharsets.UTF_8)));
                }
                log.append(ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8)));
                assertThat(halts).hasValue(1);
            }
        }
    }

    @Test
    void shouldNotTakeOtherWordsForTheKernelsLast() throws Exception {
        try (ConsoleLog log = ConsoleLog.create(directory.resolve("console.log"))) {
            AtomicInteger halts = new AtomicInteger();
            log.append(ByteBuffer.wrap("reboot: System halted? no\n".getBytes(StandardCharsets.UTF_8)));
            log.onHalt(halts::incrementAndGet);
            log.append(ByteBuffer.wrap(
                    "it said reboot: Power down\nreboot: Restarting system\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(halts).hasValue(0);
        }
    }
}
