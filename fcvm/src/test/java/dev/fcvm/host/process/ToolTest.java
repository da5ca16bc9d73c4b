package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.RawText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ToolTest {

    private static Tool shell(String script) {
        return Tool.named("sh", "dash").with("-c", script);
    }

    private static String state(long pid) throws Exception {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        return Files.exists(stat) ? Files.readString(stat).replaceFirst("(?s).*\\) (.).*", "$1") : "gone";
    }

    @Test
    void shouldKeepStreamsApartAndReportTheExitCode() throws Exception {
        Tool.Result result = shell("echo out; echo err >&2; exit 7").run();

        assertThat(result).isEqualTo(new Tool.Result(7, "out\n", "err\n"));
        assertThat(result.lastWords()).isEqualTo("err");
    }

    @Test
    void shouldPassInputAndVariables() throws Exception {
        Tool.Result result = shell("cat; printf %s \"$WORD\"")
                .reading("in ".getBytes(StandardCharsets.UTF_8))
                .withVariable("WORD", "variable")
                .run();

        assertThat(result.output()).isEqualTo("in variable");
    }

    @Test
    void shouldPassBytesThatAreNoUtf8() throws Exception {
        var every = new StringBuilder();
        for (int each = 0x80; each <= 0xff; each++) {
            every.append((char) (0xdc00 + each));
        }
        String odd = "\u00e4\\0101 $x `y` \"'\n\n";

        Tool.Result result = shell("printf '%s|' \"$@\" | od -A n -v -t x1")
                .with("sh", every.toString(), odd, "", "\udcff" + odd)
                .run();

        String hex = HexFormat.ofDelimiter(" ").formatHex(RawText.encode(every + "|" + odd + "||\udcff" + odd + "|"));
        assertThat(result.output().strip().replaceAll("\\s+", " ")).isEqualTo(hex);
    }

    @Test
    void shouldKeepTheFirstOfOutputAndTheLastOfErrorsWithinTheLimit() throws Exception {
        Tool.Result result = shell("seq 100000; seq 100000 >&2").keeping(20).run();

        assertThat(result.output()).isEqualTo("1\n2\n3\n4\n5\n6\n7\n8\n9\n10").hasSize(20);
        assertThat(result.errors()).endsWith("99999\n100000\n").hasSize(20);
    }

    @Test
    void shouldNotMindAProgramThatLeavesItsInputUnread() throws Exception {
        assertThat(shell("exit 0").reading(new byte[10_000_000]).run().succeeded())
                .isTrue();
    }

    @Test
    void shouldNameThePackageWhenTheProgramIsMissing() {
        assertThatThrownBy(() -> Tool.named("no-such-program", "the-package").run())
                .isInstanceOf(FcvmException.class)
                .hasMessage("no-such-program is not installed: install it with: apt install the-package");
    }

    @Test
    void shouldFindSystemProgramsThatAreNotOnThePath() {
        assertThat(Tool.named("mke2fs", "e2fsprogs").find()).isPresent();
    }

    @Test
    void shouldKillTheProgramAndWhatItStartedWhenTheDeadlinePasses(@TempDir Path directory) throws Exception {
        Path pids = directory.resolve("pids");

        assertThatThrownBy(() -> shell("(setsid sleep 1000 & echo $! >%s; exit 0); exec sleep 1000".formatted(pids))
                        .within(Duration.ofSeconds(2))
                        .run())
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("did not end within 2 s");

        long orphan = Long.parseLong(Files.readString(pids).strip());
        assertThat(state(orphan)).isIn("gone", "Z", "X");
    }

    @Test
    void shouldKillTheProgramAndItsChildrenWhenInterrupted(@TempDir Path directory) throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Thread runner = Thread.ofVirtual().start(() -> {
                try {
                    shell("sleep 1000 & echo $! >%s/new; mv %s/new %s/pid; wait"
                                    .formatted(directory, directory, directory))
                            .run();
                } catch (FcvmException | InterruptedException e) {
                    ended.complete(e);
                }
            });
            while (!Files.exists(directory.resolve("pid"))) {
                watch.poll(20, TimeUnit.SECONDS).reset();
            }
            runner.interrupt();
        }

        assertThat(ended.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        long child = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
        assertThat(state(child)).isIn("gone", "Z", "X");
    }
}
