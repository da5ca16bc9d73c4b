package dev.fcvm.guest.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.LinkedHost;
import dev.fcvm.guest.TestGuest;
import dev.fcvm.guest.system.Child;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.TerminalSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A shell stands in for Podman; the link is real. */
@Timeout(60)
class ContainerTest {

    @TempDir
    private Path directory;

    private TestGuest guest;

    @BeforeEach
    void begin() throws Exception {
        guest = new TestGuest(directory);
    }

    private static List<String> shell(String script) {
        return List.of("/bin/sh", "-c", script);
    }

    @Test
    void shouldTellTheExitCodeOfTheStandInForPodman() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            assertThat(linked.start(guest, shell("exit 7")).await(true).code()).isEqualTo(7);
        }
    }

    @Test
    void shouldTellOfASignalThatEndedTheStandInForPodmanAsAShellDoes() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            assertThat(linked.start(guest, shell("kill -9 $$")).await(true).code())
                    .isEqualTo(137);
        }
    }

    @Test
    void shouldHaveAllOutputInTheStreamsBeforeItTellsTheExitCode() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            // More than the pipe holds, less than the window: nobody has to read for it to be passed on.
            var podman = linked.start(guest, shell("head -c 200000 /dev/zero; echo end >&2; exit 1"));
            assertThat(podman.await(true).code()).isEqualTo(1);
            assertThat(linked.stdout.input().readAllBytes()).hasSize(200_000);
            assertThat(linked.stderr.input().readAllBytes()).isEqualTo("end\n".getBytes(UTF_8));
        }
    }

    @Test
    void shouldNotWaitForAProcessThatEscapedWithThePipe() throws Exception {
        Path pid = directory.resolve("escaped");
        try (var linked = new LinkedHost(directory)) {
            var podman = linked.start(guest, shell("sleep 1000 & echo $! > " + pid + "; echo out; exit 3"));
            try {
                assertThat(podman.await(true).code()).isEqualTo(3);
                assertThat(TestGuest.text(linked.stdout)).isEqualTo("out\n");
                assertThat(escaped(pid).isAlive()).isTrue();
            } finally {
                escaped(pid).destroyForcibly();
            }
        }
    }

    @Test
    void shouldTellTheContainersEndWithoutWaitingForTheStandInToCleanUp() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            var podman = linked.start(
                    guest, shell("head -c 60000 /dev/zero; " + containerEnds(guest, 5) + "; exec sleep 1000"));
            assertThat(awaitContainer(podman)).isEqualTo(5);
            assertThat(linked.stdout.input().readAllBytes()).hasSize(60_000);
            assertThat(podman.podman().isAlive()).isFalse();
        }
    }

    @Test
    void shouldEndTheStandInForConmonAndWhatItHasStarted() throws Exception {
        guest = new TestGuest(directory, Path.of("/proc"));
        Files.createDirectories(guest.files.state());
        Path child = directory.resolve("child");
        String conmon = "setsid sh -c 'sleep 1000 & echo $! > %s; echo $$ > %s; wait' & until [ -s %s ]; do :; done; "
                .formatted(child, guest.files.conmonPid(), guest.files.conmonPid());
        try (var linked = new LinkedHost(directory)) {
            var podman =
                    linked.start(guest, shell(conmon + "echo out; " + containerEnds(guest, 6) + "; exec sleep 1000"));
            assertThat(awaitContainer(podman)).isEqualTo(6);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo("out\n");
            String left = Files.readString(child).strip();
            TestGuest.await(() -> ProcessHandle.of(Long.parseLong(left)).isEmpty());
        }
    }

    @Test
    void shouldTellTheStandInsOwnExitCodeWhenNoContainerHasRun() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            var podman = linked.start(guest, shell("echo no >&2; exit 125"));
            assertThat(awaitContainer(podman)).isEqualTo(125);
            assertThat(TestGuest.text(linked.stderr)).isEqualTo("no\n");
        }
    }

    private static int awaitContainer(Container podman) throws InterruptedException {
        return podman.await(false).code();
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
        try (var linked = new LinkedHost(directory)) {
            linked.stdout.reset();
            var podman = linked.start(guest, shell("trap '' PIPE; while echo x; do :; done; exit 9"));
            assertThat(podman.await(true).code()).isEqualTo(9);
        }
    }

    @Test
    void shouldEndTheInputWhenTheHostEndsIt() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            linked.stdin.output().write("one\ntwo\n".getBytes(UTF_8));
            linked.stdin.output().close();
            var podman = linked.start(guest, shell("cat; exit 4"));
            assertThat(podman.await(true).code()).isEqualTo(4);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo("one\ntwo\n");
        }
    }

    @Test
    void shouldHoldTheHostsWriterNoLongerThanTheStandInRuns() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            var podman = linked.start(guest, shell("exit 0"));
            podman.await(true).code();
            assertThatThrownBy(() -> linked.stdin.output().write(new byte[10_000_000]))
                    .hasMessageContaining("the guest has reset stream 1");
        }
    }

    @Test
    void shouldGiveAnEmptyInputToWhoeverIsNotInteractive() throws Exception {
        var launch = new Container.Launch("c", "otter", false, LinkedHost.LIMIT);
        var podman = Child.start(shell("cat; exit 5"), Optional.empty(), false);
        try (var linked = new LinkedHost(directory)) {
            var container = Container.of(podman, launch, List.of(), guest.files, guest.console, _ -> {});
            linked.attach(container, 0, 0);
            assertThat(container.await(true).code()).isEqualTo(5);
            assertThatThrownBy(() -> linked.stdin.output().write(new byte[10_000_000]))
                    .hasMessageContaining("the guest has reset stream 1");
        }
    }

    @Test
    void shouldKeepItsOutputAndItsEndForAHostThatComesLater() throws Exception {
        var container = LinkedHost.begin(guest, shell("seq 300000; echo error >&2; exit 8"));
        var exit = container.await(true);
        container.hasExited(exit);
        assertThat(exit.code()).isEqualTo(8);
        assertThat(exit.stderrEnd()).isEqualTo(6);
        assertThat(container.status().exit()).contains(exit);
        try (var linked = new LinkedHost(directory)) {
            assertThat(linked.attach(container, 0, 2)).isEqualTo(new Message.Attached("c", 0, 2));
            assertThat(TestGuest.text(linked.stdout))
                    .isEqualTo(numbers(300_000))
                    .hasSize((int) exit.stdoutEnd());
            assertThat(TestGuest.text(linked.stderr)).isEqualTo("ror\n");
        }
    }

    @Test
    void shouldGoOnWithoutItsHostAndMissNothingWithTheNext() throws Exception {
        Path more = directory.resolve("more");
        new ProcessBuilder("mkfifo", more.toString()).start().waitFor();
        try (var linked = new LinkedHost(directory)) {
            var container = linked.start(guest, shell("echo first; read line < " + more + "; seq 300000; exit 2"));
            assertThat(linked.stdout.input().readNBytes(6)).isEqualTo("first\n".getBytes(UTF_8));
            linked.host.close();
            Files.writeString(more, "\n");
            // More than there is room for in memory: it would wait for ever for a host that took it.
            assertThat(container.await(true).code()).isEqualTo(2);

            linked.begin();
            assertThat(linked.attach(container, 6, 0).stdoutFrom()).isEqualTo(6);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo(numbers(300_000));
        }
    }

    @Test
    void shouldLeaveTheInputOpenWhenItsHostGoesAndTakeMoreFromTheNext() throws Exception {
        try (var linked = new LinkedHost(directory)) {
            var container = linked.start(guest, shell("cat; exit 4"));
            linked.stdin.output().write("one\n".getBytes(UTF_8));
            assertThat(linked.stdout.input().readNBytes(4)).isEqualTo("one\n".getBytes(UTF_8));
            linked.host.close();

            linked.begin();
            linked.attach(container, 4, 0);
            linked.stdin.output().write("two\n".getBytes(UTF_8));
            linked.stdin.output().close();
            assertThat(container.await(true).code()).isEqualTo(4);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo("two\n");
        }
    }

    @Test
    void shouldRunInATerminalThatHearsOfItsSize() throws Exception {
        var command = shell("stty size; trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.01; done");
        var launch = new Container.Launch("c", "otter", true, LinkedHost.LIMIT);
        var podman = Child.start(command, Optional.of(new TerminalSize(81, 25)), true);
        try (var linked = new LinkedHost(directory)) {
            var container = Container.of(podman, launch, List.of(), guest.files, guest.console, _ -> {});
            linked.attach(container, 0, 0);
            byte[] first = "25 81\r\nready\r\n".getBytes(UTF_8);
            assertThat(linked.stdout.input().readNBytes(first.length)).isEqualTo(first);
            container.resize(new TerminalSize(100, 40));
            assertThat(container.await(false).code()).isEqualTo(3);
            assertThat(TestGuest.text(linked.stdout)).isEqualTo("40 100\r\n");
            assertThat(TestGuest.text(linked.stderr)).isEmpty();
        }
    }

    @Test
    void shouldTakeACtrlCOfItsTerminalForASignal() throws Exception {
        var launch = new Container.Launch("c", "otter", true, 1000);
        var podman = Child.start(shell("echo ready; exec sleep 1000"), Optional.of(new TerminalSize(0, 0)), true);
        try (var linked = new LinkedHost(directory)) {
            var container = Container.of(podman, launch, List.of(), guest.files, guest.console, _ -> {});
            linked.attach(container, 0, 0);
            assertThat(linked.stdout.input().readNBytes(7)).isEqualTo("ready\r\n".getBytes(UTF_8));
            linked.stdin.output().write(3);
            assertThat(container.await(false).code()).isEqualTo(130);
        }
    }

    private static String numbers(int last) {
        var text = new StringBuilder();
        for (int i = 1; i <= last; i++) {
            text.append(i).append('\n');
        }
        return text.toString();
    }
}
