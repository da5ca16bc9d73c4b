package dev.fcvm.host.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.confine.CgroupEntry;
import dev.fcvm.host.process.ProcessEnd;
import dev.fcvm.host.process.ProcessTag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that needs nobody: what it says and how it ends is in files, whoever is there. */
@Timeout(60)
final class KeptProcessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LIMIT = 8 << 10;

    private final ProcessTag tag = ProcessTag.random("FCVM_TEST_KEPT");

    @TempDir
    Path directory;

    private KeptFiles files = new KeptFiles(Path.of("/nonexistent"), Path.of("/nonexistent"), 0);

    @BeforeEach
    void name() {
        files = new KeptFiles(directory, directory.resolve("output.log"), LIMIT);
    }

    @AfterEach
    void leaveNothing() {
        tag.killAll();
    }

    @Test
    void shouldKeepTheLastOfWhatItSaysAndNoMore() throws Exception {
        ended("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i + 1)); done");
        Path older = KeptProcess.older(files.output());
        assertThat(Files.size(older)).isEqualTo(LIMIT / 2);
        assertThat(Files.size(files.output())).isLessThanOrEqualTo(LIMIT / 2);
        String kept = Files.readString(older) + Files.readString(files.output());
        assertThat(kept).endsWith("line 19998\nline 19999\n").hasSizeGreaterThanOrEqualTo(LIMIT / 2);
        List<Integer> numbers = kept.lines()
                .skip(1) // which may be cut
                .map(line -> Integer.parseInt(line.substring("line ".length())))
                .toList();
        assertThat(numbers).isSorted().hasSize(20_000 - numbers.getFirst());
    }

    @Test
    void shouldKeepEveryByte() throws Exception {
        ended("printf '\\000\\377\\033[1m\\r\\n no end of line'");
        assertThat(Files.readAllBytes(files.output())).isEqualTo(new byte[] {
            0, -1, 27, '[', '1', 'm', '\r', '\n', ' ', 'n', 'o', ' ', 'e', 'n', 'd', ' ', 'o', 'f', ' ', 'l', 'i', 'n',
            'e'
        });
    }

    @Test
    void shouldTellItsExitCodeAndItsLastWords() throws Exception {
        KeptProcess process = ended("echo first >&2; printf 'no \\033[1mluck\\033[0m\\n\\n' >&2; exit 3");
        assertThat(process.exitCode()).isEqualTo(3);
        assertThat(files.lastWords()).isEqualTo("no luck");
    }

    @Test
    void shouldTellTheSignalThatEndedIt() throws Exception {
        assertThat(ended("kill -TERM $$").exitCode()).isEqualTo(128 + 15);
    }

    @Test
    void shouldTellThatItWasKilledWithItsKeeper() throws Exception {
        KeptProcess process = start("exec sleep 1000");
        tag.killAll();
        assertThat(process.isAlive()).isFalse();
        assertThat(process.exitCode()).isEqualTo(128 + 9);
    }

    @Test
    void shouldKeepItsErrorsBoundedToo() throws Exception {
        ended("i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i + 1)); done");
        assertThat(files.lastWords()).isEqualTo("line 19999");
        assertThat(Files.size(files.said())).isLessThanOrEqualTo(8 << 10);
    }

    @Test
    void shouldSayWhyItCannotBeStarted() throws Exception {
        KeptProcess process = KeptProcess.start(tag, files, CgroupEntry.NONE, List.of("/nonexistent/program"));
        awaitEnd(process);
        assertThat(process.exitCode()).isEqualTo(127);
        assertThat(files.lastWords()).contains("/nonexistent/program: not found");
        KeptFiles again = new KeptFiles(
                Files.createDirectory(directory.resolve("again")), directory.resolve("output.log"), LIMIT);
        CgroupEntry nowhere = new CgroupEntry(List.of("/nonexistent/cgroup.procs"), List.of());
        assertThatThrownBy(() -> KeptProcess.start(tag, again, nowhere, List.of("/bin/true")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("/nonexistent/cgroup.procs");
    }

    @Test
    void shouldBeTakenOverByWhoeverKnowsItsFilesAndProcesses() throws Exception {
        KeptProcess started = start("exec sleep 1000");
        KeptProcess found = new KeptProcess(files, started.keeper(), started.process());
        assertThat(found.isAlive()).isTrue();
        Process kill =
                new ProcessBuilder("kill", "-9", Long.toString(found.process().pid())).start();
        assertThat(kill.waitFor()).isZero();
        awaitEnd(found);
        assertThat(found.exitCode()).isEqualTo(128 + 9);
    }

    @Test
    void shouldLetGoWhoeverWaitsForItsEnd() throws Exception {
        KeptProcess process = start("exec sleep 1000");
        CompletableFuture<Boolean> ended;
        try (ProcessEnd end = process.end()) {
            ended = CompletableFuture.supplyAsync(end::await);
        }
        assertThat(ended.get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(process.isAlive()).isTrue();
    }

    private KeptProcess ended(String script) throws Exception {
        KeptProcess process = start(script);
        awaitEnd(process);
        return process;
    }

    private static void awaitEnd(KeptProcess process) throws Exception {
        try (ProcessEnd end = process.end()) {
            assertThat(end.await()).isTrue();
        }
        assertThat(process.awaitFiles(PATIENCE)).isTrue();
    }

    private KeptProcess start(String script) throws Exception {
        return KeptProcess.start(tag, files, CgroupEntry.NONE, List.of("sh", "-c", script));
    }
}
