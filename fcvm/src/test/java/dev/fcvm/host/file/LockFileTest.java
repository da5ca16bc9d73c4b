package dev.fcvm.host.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LockFileTest {

    @TempDir
    Path directory;

    /** Holds a lock from another process until closed; fcntl locks, as Java's. */
    private record Other(Process process) implements AutoCloseable {
        static Other holding(Path file, String kind) throws Exception {
            Process process = new ProcessBuilder(
                            "perl",
                            "-e",
                            "use Fcntl qw(:DEFAULT :flock); open(my $f, '+>>', $ARGV[0]) or die;"
                                    + "fcntl($f, F_SETLKW, pack('s s l! l! l', $ARGV[1] eq 'shared' ? F_RDLCK : F_WRLCK,"
                                    + " 0, 0, 0, 0)) or die; $| = 1; print \"held\\n\"; <STDIN>;",
                            file.toString(),
                            kind)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader reader = process.inputReader();
            assertThat(reader.readLine()).isEqualTo("held");
            return new Other(process);
        }

        @Override
        public void close() {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    @Test
    void shouldNotBeGivenWhileAnotherProcessHoldsIt() throws Exception {
        Path file = directory.resolve("lock");
        try (Other other = Other.holding(file, "exclusive")) {
            assertThat(other.process().isAlive()).isTrue();
            assertThat(LockFile.tryExclusive(file)).isEmpty();
            assertThat(LockFile.tryShared(file)).isEmpty();
        }
        try (LockFile lock = LockFile.tryExclusive(file).orElseThrow()) {
            assertThat(lock).isNotNull();
        }
    }

    @Test
    void shouldBeSharedAmongReaders() throws Exception {
        Path file = directory.resolve("lock");
        try (Other other = Other.holding(file, "shared")) {
            assertThat(other.process().isAlive()).isTrue();
            assertThat(LockFile.tryExclusive(file)).isEmpty();
            try (LockFile lock = LockFile.tryShared(file).orElseThrow()) {
                assertThat(lock).isNotNull();
            }
        }
    }

    @Test
    void shouldStopWaitingWhenInterrupted() throws Exception {
        Path file = directory.resolve("lock");
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        try (Other other = Other.holding(file, "exclusive")) {
            Thread waiting = Thread.ofPlatform().start(() -> {
                try (LockFile lock = LockFile.exclusive(file)) {
                    assertThat(lock).isNotNull();
                    outcome.completeExceptionally(new AssertionError("got the lock"));
                } catch (Exception e) {
                    outcome.complete(e);
                }
            });
            waiting.interrupt();
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            assertThat(other.process().isAlive()).isTrue();
        }
    }

    /** Asks from another process whether the lock can be had; a lock that this process has lost could. */
    private static boolean isFree(Path file) throws Exception {
        Process process = new ProcessBuilder(
                        "perl",
                        "-e",
                        "use Fcntl; open(my $f, '+>>', $ARGV[0]) or die;"
                                + "my $lock = pack('s s l! l! l', F_WRLCK, 0, 0, 0, 0);"
                                + "exit(fcntl($f, F_SETLK, $lock) ? 0 : 3)",
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int code = process.waitFor();
        assertThat(code).isIn(0, 3);
        return code == 0;
    }

    @Test
    void shouldOutliveASecondAttemptInTheSameProcess() throws Exception {
        Path file = directory.resolve("lock");
        try (LockFile _ = LockFile.exclusive(file)) {
            assertThat(LockFile.tryExclusive(file)).isEmpty();
            assertThat(LockFile.tryShared(file)).isEmpty();
            assertThat(LockFile.tryExclusive(directory.resolve("../" + directory.getFileName() + "/lock")))
                    .isEmpty();
            assertThat(isFree(file)).isFalse();
        }
        assertThat(isFree(file)).isTrue();
    }

    @Test
    void shouldBeHeldUntilTheLastReaderOfThisProcessCloses() throws Exception {
        Path file = directory.resolve("lock");
        LockFile first = LockFile.shared(file);
        try (LockFile _ = LockFile.tryShared(file).orElseThrow()) {
            first.close();
            first.close();
            assertThat(isFree(file)).isFalse();
        }
        assertThat(isFree(file)).isTrue();
    }

    @Test
    void shouldBeWaitedForByAnotherThread() throws Exception {
        Path file = directory.resolve("lock");
        CompletableFuture<Boolean> freeMeanwhile = new CompletableFuture<>();
        Thread waiting;
        try (LockFile _ = LockFile.exclusive(file)) {
            waiting = Thread.ofVirtual().start(() -> {
                try (LockFile _ = LockFile.exclusive(file)) {
                    freeMeanwhile.complete(isFree(file));
                } catch (Exception e) {
                    freeMeanwhile.completeExceptionally(e);
                }
            });
            assertThat(isFree(file)).isFalse();
            assertThat(freeMeanwhile).isNotDone();
        }
        assertThat(freeMeanwhile.get(20, TimeUnit.SECONDS)).isFalse();
        waiting.join();
        assertThat(isFree(file)).isTrue();
    }

    @Test
    void shouldTellAThreadThatWouldWaitForItself() throws Exception {
        Path file = directory.resolve("lock");
        try (LockFile _ = LockFile.exclusive(file)) {
            assertThatThrownBy(() -> LockFile.exclusive(file)).isInstanceOf(IllegalStateException.class);
            assertThat(isFree(file)).isFalse();
        }
    }
}
