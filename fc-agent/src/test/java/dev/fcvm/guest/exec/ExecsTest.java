package dev.fcvm.guest.exec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.guest.LinkedHost;
import dev.fcvm.guest.TestGuest;
import dev.fcvm.guest.container.Container;
import dev.fcvm.link.message.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shell scripts stand in for Podman and for the container's runtime; the link is real. */
@Timeout(60)
class ExecsTest {

    /** What is run in a container of this test: the file it is told in begins and ends with other things. */
    private static final String RUNTIME = "pid=$3; script=$(sed 's/.*\"args\":\\[\"\\([^\"]*\\)\".*/\\1/' \"$5\"); ";

    private static final String STARTED = "echo $$ >\"$pid\"; ";

    @TempDir
    private Path directory;

    private TestGuest guest;
    private LinkedHost linked;
    private Container container;
    private Execs execs;

    @BeforeEach
    void begin() throws Exception {
        guest = new TestGuest(directory);
        // The container runs until its input ends, and its conmon says how its runtime is asked.
        guest.podman("[ \"$1\" != exec ] && exec cat; echo by Podman: $*; cat; exit 9");
        Path conmon = Files.createDirectories(guest.files.processes().resolve("78"));
        Files.writeString(
                conmon.resolve("cmdline"),
                "conmon\0-r\0" + directory.resolve("crun") + "\0-c\0id\0-b\0" + directory + "\0-n\0otter\0");
        Files.createDirectories(guest.files.state());
        Files.writeString(guest.files.conmonPid(), "78\n");
        Files.writeString(
                directory.resolve("config.json"),
                "{\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"env\":[],\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\"},{\"type\":\"RLIMIT_NPROC\"}]}}");
        linked = new LinkedHost(directory);
        container = LinkedHost.begin(guest, List.of(guest.files.podman(), "run"));
        execs = new Execs(linked.guest, guest.files, guest.console);
    }

    @AfterEach
    void end() throws Exception {
        container.podman().process().destroyForcibly();
        linked.close();
    }

    private void runtime(String script) throws Exception {
        Path crun = directory.resolve("crun");
        Files.writeString(crun, "#!/bin/sh\n" + RUNTIME + script + "\n");
        Files.setPosixFilePermissions(crun, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void exec(String command, String... options) throws Exception {
        linked.host.send(new Message.Exec(
                1,
                "c",
                List.of(options),
                List.of(command),
                List.of(),
                Optional.empty(),
                linked.stdin.number(),
                linked.stdout.number(),
                linked.stderr.number()));
        execs.start((Message.Exec) linked.guest.receive(), container);
    }

    @Test
    void shouldAskTheContainersRuntimeAndPassStreamsAndTheCodeOn() throws Exception {
        runtime(STARTED + "eval \"$script\"");
        exec("read line; echo out $line; echo err >&2; exit 5");
        try (var in = linked.stdin.output()) {
            in.write("in\n".getBytes(UTF_8));
        }
        assertThat(TestGuest.text(linked.stdout)).isEqualTo("out in\n");
        assertThat(TestGuest.text(linked.stderr)).isEqualTo("err\n");
        assertThat(linked.host.receive()).isEqualTo(new Message.ExecStarted(1));
        assertThat(linked.host.receive()).isEqualTo(new Message.ExecExited(1, 5, false));
        assertThat(guest.files.state()).isDirectoryNotContaining("glob:**exec-*");
    }

    @Test
    void shouldHavePodmanSayWhyACommandCannotBeStartedAndKeepTheRuntimesWordsToItself() throws Exception {
        runtime("echo no such program >&2; exit 255");
        exec("none");
        try (var in = linked.stdin.output()) {
            in.write("unread\n".getBytes(UTF_8));
        }
        assertThat(TestGuest.text(linked.stdout)).isEqualTo("by Podman: exec --interactive otter none\nunread\n");
        assertThat(TestGuest.text(linked.stderr)).isEmpty();
        assertThat(linked.host.receive()).isEqualTo(new Message.ExecStarted(1));
        assertThat(linked.host.receive()).isEqualTo(new Message.ExecExited(1, 9, false));
    }

    @Test
    void shouldLeaveAnotherUserToPodman() throws Exception {
        runtime(STARTED + "echo wrong");
        exec("id", "--user=app");
        linked.stdin.output().close();
        assertThat(TestGuest.text(linked.stdout)).isEqualTo("by Podman: exec --user=app --interactive otter id\n");
    }

    @Test
    void shouldEndTheWaitingByASignalAndLeaveTheCommandRunning() throws Exception {
        Path left = directory.resolve("left");
        // As crun's: the command is a process of its own.
        runtime("sh -c 'echo $$ >" + left + "; echo runs; exec sleep 1000' & wait_for=$!; " + STARTED
                + "wait $wait_for");
        exec("x");
        assertThat(new String(linked.stdout.input().readNBytes(5), UTF_8)).isEqualTo("runs\n");
        assertThat(linked.host.receive()).isEqualTo(new Message.ExecStarted(1));
        execs.signal(1, 10);
        execs.signal(1, 15);
        assertThat(linked.host.receive())
                .as("Podman, which does not pass signals on, ends so, by its own handler")
                .isEqualTo(new Message.ExecExited(1, 1, false));
        var process =
                ProcessHandle.of(Long.parseLong(Files.readString(left).strip())).orElseThrow();
        assertThat(process.isAlive()).isTrue();
        process.destroyForcibly();
    }
}
