package dev.fcvm.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A shell stands in for Podman; the link is real. */
@Timeout(60)
class PodmanProcessTest {

    @TempDir
    private Path directory;

    private static List<String> shell(String script) {
        return List.of("/bin/sh", "-c", script);
    }

    @Test
    void shouldTellTheExitCodeOfTheStandInForPodman() throws Exception {
        try (var linked = new LinkedStdio(directory)) {
            assertThat(PodmanProcess.start(shell("exit 7"), linked.stdio, directory.resolve("container.pid"))
                            .await())
                    .isEqualTo(7);
        }
    }

    @Test
    void shouldTellOfASignalThatEndedTheStandInForPodmanAsAShellDoes() throws Exception {
        try (var linked = new LinkedStdio(directory)) {
            assertThat(PodmanProcess.start(shell("kill -9 $$"), linked.stdio, directory.resolve("container.pid"))
                            .await())
                    .isEqualTo(137);
        }
    }

    @Test
    void shouldHaveAllOutputInTheStreamsBeforeItTellsTheExitCode() throws Exception {
        try (var linked = new LinkedStdio(directory)) {
            // More than the pipe holds, less than the window: nobody has to read for it to be passed on.
            var podman = PodmanProcess.start(
                    shell("head -c 200000 /dev/zero; echo end >&2; exit 1"),
                    linked.stdio,
                    directory.resolve("container.pid"));
            assertThat(podman.await()).isEqualTo(1);
            assertThat(linked.stdout.input().readAllBytes()).hasSize(200_000);
            assertThat(linked.stderr.input().readAllBytes()).isEqualTo("end\n".getBytes(UTF_8));
        }
    }

    @Test
    void shouldNotWaitForAProcessThatEscapedWithThePipe() throws Exception {
        Path pid = directory.resolve("escaped");
        try (var linked = new LinkedStdio(directory)) {
            var podman = PodmanProcess.start(
                    shell("sleep 1000 & echo $! > " + pid + "; echo out; exit 3"),
                    linked.stdio,
                    directory.resolve("container.pid"));
            try {
                assertThat(podman.await()).isEqualTo(3);
                assertThat(TestGuest.text(linked.stdout)).isEqualTo("out\n");
                assertThat(escaped(pid).isAlive()).isTrue();
            } finally {
                escaped(pid).destroyForcibly();
            }
        }
    }

    @Test
    void shouldTellTheContainersEndWithoutWaitingForTheStandInToCleanUp() throws Exception {
        var guest = new TestGuest(directory);
        try (var linked = new LinkedStdio(directory)) {
            var podman = PodmanProcess.start(
                    shell("head -c 60000 /dev/zero; " + containerEnds(guest, 5) + "; exec sleep 1000"),
                    linked.stdio,
                    guest.files.containerPid());
            assertThat(awaitContainer(podman, guest)).isEqualTo(5);
            assertThat(linked.stdout.input().readAllBytes()).hasSize(60_000);
            assertThat(podman.isAlive()).isFalse();
        }
    }

    @Test
    void shouldEndTheStandInForConmonAndWhatItHasStarted() throws Exception {
        var guest = new TestGuest(directory, Path.of("/proc"));
        Files.createDirectories(guest.files.state());
        Path child = directory.resolve("child");
        String conmon = "setsid sh -c 'sleep 1000 & echo $! > %s; echo $$ > %s; wait' & until [ -s %s ]; do :; done; "
                .formatted(child, guest.files.conmonPid(), guest.files.conmonPid());
        try (var linked = new LinkedStdio(directory)) {
            var podman = PodmanProcess.start(
                    shell(conmon + "echo out; " + containerEnds(guest, 6) + "; exec sleep 1000"),
                    linked.stdio,
                    guest.files.containerPid());
            assertThat(awaitContainer(podman, guest)).isEqualTo(6);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo("out\n");
            String left = Files.readString(child).strip();
            TestGuest.await(() -> ProcessHandle.of(Long.parseLong(left)).isEmpty());
        }
    }

    @Test
    void shouldTellTheStandInsOwnExitCodeWhenNoContainerHasRun() throws Exception {
        var guest = new TestGuest(directory);
        try (var linked = new LinkedStdio(directory)) {
            var podman = PodmanProcess.start(shell("echo no >&2; exit 125"), linked.stdio, guest.files.containerPid());
            assertThat(awaitContainer(podman, guest)).isEqualTo(125);
            assertThat(TestGuest.text(linked.stderr)).isEqualTo("no\n");
        }
    }

    private static int awaitContainer(PodmanProcess podman, TestGuest guest) throws InterruptedException {
        return podman.awaitContainer(
                new ContainerExit(guest.files.exits(), guest.console), new ConmonSession(guest.files));
    }

    /** What conmon does when a container ends. */
    private static String containerEnds(TestGuest guest, int code) {
        Path exits = guest.files.exits();
        return "mkdir -p %s; printf %d > %s/part; mv %s/part %s/%s"
                .formatted(exits, code, exits, exits, exits, "a".repeat(64));
    }

    private static ProcessHandle escaped(Path pid) throws Exception {
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    }

    @Test
    void shouldFailTheStandInsNextWriteWhenTheHostHasAbandonedTheOutput() throws Exception {
        try (var linked = new LinkedStdio(directory)) {
            linked.stdout.reset();
            var podman = PodmanProcess.start(
                    shell("trap '' PIPE; while echo x; do :; done; exit 9"),
                    linked.stdio,
                    directory.resolve("container.pid"));
            assertThat(podman.await()).isEqualTo(9);
        }
    }

    @Test
    void shouldEndTheInputWhenTheHostEndsIt() throws Exception {
        try (var linked = new LinkedStdio(directory)) {
            linked.stdin.output().write("one\ntwo\n".getBytes(UTF_8));
            linked.stdin.output().close();
            var podman = PodmanProcess.start(shell("cat; exit 4"), linked.stdio, directory.resolve("container.pid"));
            assertThat(podman.await()).isEqualTo(4);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo("one\ntwo\n");
        }
    }

    @Test
    void shouldHoldTheHostsWriterNoLongerThanTheStandInRuns() throws Exception {
        try (var linked = new LinkedStdio(directory)) {
            var podman = PodmanProcess.start(shell("exit 0"), linked.stdio, directory.resolve("container.pid"));
            podman.await();
            assertThatThrownBy(() -> linked.stdin.output().write(new byte[10_000_000]))
                    .hasMessageContaining("the guest has reset stream 1");
        }
    }

    @Test
    void shouldGiveAnEmptyInputAndDropTheOutputsNobodyWants() throws Exception {
        var none = new ContainerStdio(null, null, null);
        assertThat(PodmanProcess.start(shell("echo dropped; cat; exit 5"), none, Path.of("/nowhere"))
                        .await())
                .isEqualTo(5);
    }

    @Test
    void shouldSayThatThereIsNoPodman() {
        var none = new ContainerStdio(null, null, null);
        assertThatThrownBy(() -> PodmanProcess.start(List.of("/nowhere/podman"), none, Path.of("/nowhere")))
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("cannot start Podman in the guest: ")
                .hasMessageContaining("/nowhere/podman");
    }
}
