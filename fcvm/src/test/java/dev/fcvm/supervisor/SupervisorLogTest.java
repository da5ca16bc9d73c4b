package dev.fcvm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The supervisor's log is bounded, and a full disk neither holds the supervisor up nor fills the log with complaints. */
class SupervisorLogTest {

    private static final Clock NOON = Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
    private static final String TIME = "2026-01-01T12:00:00Z ";

    @TempDir
    private Path directory;

    @Test
    void shouldSayOnceHowMuchIsMissingWhenThereIsRoomAgain() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full here");
        Path file = directory.resolve("s.log");
        try (var disk = new Disk(file)) {
            var log = new SupervisorLog(disk, file, NOON);
            log.note("before");
            disk.full = true;
            log.note("lost");
            log.defect(new IllegalStateException("lost as well"));
            log.note("and this");
            disk.full = false;
            log.note("after");
            log.note("later");
        }

        assertThat(Files.readString(file))
                .isEqualTo(TIME + "before\n\n" + TIME
                        + "3 entries could not be written here: No space left on device\n" + TIME + "after\n" + TIME
                        + "later\n");
    }

    @Test
    void shouldKeepOneFileBesideItselfAndNeverGrowBeyondItsBound() throws Exception {
        Path file = directory.resolve("s.log");
        try (OutputStream end = end(file)) {
            var log = new SupervisorLog(end, file, NOON);
            for (int i = 0; i < 30_000; i++) {
                log.note("line " + i);
                assertThat(Files.size(file)).isLessThan(SupervisorLog.LARGEST + 100);
            }
        }
        assertThat(Files.readString(file)).endsWith("line 29999\n");
        assertThat(files()).isEqualTo(2);
        String both = Files.readString(directory.resolve("s.log.1")) + Files.readString(file);
        assertThat(both).containsSubsequence("line 20000\n", "line 25000\n", "line 29999\n");
    }

    @Test
    void shouldStayBoundedAndKeepTheFileBesideItWhenThatCannotBeReplaced() throws Exception {
        Path file = directory.resolve("s.log");
        Path kept = Files.createDirectory(directory.resolve("s.log.1"));
        Files.createFile(kept.resolve("in the way"));
        try (OutputStream end = end(file)) {
            Files.writeString(file, "x".repeat((int) SupervisorLog.LARGEST + 1));
            var log = new SupervisorLog(end, file, NOON);
            log.note("first");
            log.note("second");
        }
        assertThat(Files.readString(file))
                .matches(
                        TIME + "what stood here before could not be kept: .*\n" + TIME + "first\n" + TIME + "second\n");
        assertThat(files()).isEqualTo(2);
    }

    private long files() throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.count();
        }
    }

    private static OutputStream end(Path file) throws IOException {
        return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** A file on a disk that has no room at times; what is written then is the kernel's own refusal. */
    private static final class Disk extends OutputStream {

        private final OutputStream file;
        private final OutputStream none = new FileOutputStream("/dev/full");
        boolean full;

        Disk(Path file) throws IOException {
            this.file = end(file);
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
            (full ? none : file).write(bytes, start, length);
        }

        @Override
        public void close() throws IOException {
            try (none) {
                file.close();
            }
        }
    }
}
