package dev.fcvm.guest.runtime;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeExecTest {

    private static final String LIMITS =
            "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":9,\"soft\":9},{\"type\":\"RLIMIT_NPROC\",\"hard\":9,\"soft\":9}]";
    private static final String PROCESS = "{\"terminal\":true,\"consoleSize\":{\"height\":1,\"width\":2},"
            + "\"user\":{\"uid\":0,\"gid\":0,\"umask\":18},\"args\":[\"old\"],\"env\":[\"A=\\\"}b\",\"HOME=/root\"],\"cwd\":\"/etc\","
            + "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"]},"
            + "\"noNewPrivileges\":true," + LIMITS + "}";

    @TempDir
    private Path directory;

    @BeforeEach
    void describe() throws IOException {
        conmon("-c", "0123", "-r", "/usr/bin/crun", "-b", directory.toString(), "-n", "otter");
        container(PROCESS);
    }

    private void conmon(String... words) throws IOException {
        Files.writeString(directory.resolve("cmdline"), "/usr/bin/conmon\0" + String.join("\0", words) + "\0");
    }

    private void container(String process) throws IOException {
        Files.writeString(
                directory.resolve("config.json"),
                "{ \"ociVersion\" : \"1.2.0\",\n \"hostname\":\"{\", \"process\": " + process + " }\n");
    }

    private @Nullable RuntimeExec prepare(List<String> options, List<String> command, List<String> environment)
            throws IOException {
        return RuntimeExec.prepare(
                directory.resolve("cmdline"),
                "otter",
                directory.resolve("exec-7"),
                new RuntimeExec.Wish(options, command, environment));
    }

    /** Returns what the runtime is told. */
    private String told(List<String> options, List<String> command, List<String> environment) throws IOException {
        try (RuntimeExec exec = requireNonNull(prepare(options, command, environment))) {
            return Files.readString(Path.of(exec.line().get(5)));
        }
    }

    @Test
    void shouldTellTheRuntimeWhatPodmanToldItOfTheContainerWithAnotherCommand() throws Exception {
        assertThat(told(
                        List.of("--workdir=/a \"b\""),
                        List.of("sh", "-c", "a\n\\\u00e4\u0001"),
                        List.of("B=1", "HOME=/x")))
                .isEqualTo(
                        "{\"user\":{\"uid\":0,\"gid\":0,\"umask\":18},\"args\":[\"sh\",\"-c\",\"a\\u000a\\\\\u00e4\\u0001\"],"
                                + "\"env\":[\"A=\\\"}b\",\"HOME=/root\",\"B=1\",\"HOME=/x\"],\"cwd\":\"/a \\\"b\\\"\","
                                + "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"effective\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
                                + "\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"]},\"noNewPrivileges\":true," + LIMITS
                                + "}");
    }

    @Test
    void shouldKeepWhatTheRuntimeIsToldFromOthersAndTakeItBack() throws Exception {
        try (RuntimeExec exec = requireNonNull(prepare(List.of(), List.of("true"), List.of()))) {
            Path pid = Path.of(exec.line().get(3));
            assertThat(exec.line())
                    .containsExactly(
                            "/usr/bin/crun",
                            "exec",
                            "--pid-file",
                            pid.toString(),
                            "--process",
                            exec.line().get(5),
                            "0123");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(Path.of(exec.line().get(5)))))
                    .isEqualTo("rw-------");
            assertThat(exec.hasStarted()).isFalse();
            Files.writeString(pid, "12");
            assertThat(exec.hasStarted()).isTrue();
        }
        assertThat(directory).isDirectoryNotContaining("glob:**exec-7*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--user=app", "--privileged"})
    void shouldLeaveUsersAndPrivilegesToPodman(String option) throws Exception {
        assertThat(prepare(List.of(option), List.of("true"), List.of())).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-r /usr/bin/runc -c 0123 -b DIRECTORY -n otter",
                "-r /usr/bin/crun -c 0123 -b DIRECTORY -n another",
                "-r /usr/bin/crun -c 0123 -b DIRECTORY -n otter --runtime-arg --systemd-cgroup x",
                "-r /usr/bin/crun -n otter x",
                ""
            })
    void shouldLeaveOtherRuntimesAndContainersToPodman(String words) throws Exception {
        conmon(words.replace("DIRECTORY", directory.toString()).split(" ", -1));
        assertThat(prepare(List.of(), List.of("true"), List.of())).isNull();
    }

    @Test
    void shouldNotMindWhereTheRuntimeLogs() throws Exception {
        conmon(
                "-c",
                "0123",
                "-r",
                "/usr/bin/crun",
                "-b",
                directory.toString(),
                "-n",
                "otter",
                "--runtime-arg",
                "--log-format=json",
                "--runtime-arg",
                "--log",
                "--runtime-arg=/run/log");
        assertThat(told(List.of(), List.of("true"), List.of())).contains("\"args\":[\"true\"]");
    }

    @Test
    void shouldLeaveToPodmanWhatItKnowsBetterThanTheContainersDescription() throws Exception {
        for (String process : List.of(
                PROCESS.replace("\"uid\":0", "\"uid\":1000"),
                PROCESS.replace("\"gid\":0", "\"gid\":5"),
                PROCESS.replace("\"gid\":0", "\"gid\":0,\"additionalGids\":[7]"),
                PROCESS.replace("\"HOME=/root\"]", "\"HOME=/root\",\"HOSTNAME=0123\"]"),
                PROCESS.replace("RLIMIT_NPROC", "RLIMIT_CPU"),
                PROCESS.replace("\"env\"", "\"no\""))) {
            container(process);
            assertThat(prepare(List.of(), List.of("true"), List.of()))
                    .as(process)
                    .isNull();
        }
        container(PROCESS);
        assertThat(prepare(List.of(), List.of("a\0b"), List.of())).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"a\"", "{\"a\":\"b", "{\"a\":1 \"b\":2}", "{\"a\":{\"b\":[1}"})
    void shouldRefuseWhatIsNoObject(String text) {
        assertThatThrownBy(() -> JsonObject.members(text)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldTakeAnObjectApartAndPutItTogetherUnchanged() throws Exception {
        String text = "{\"a\":[1,{\"b\":\"]\\\"}\"},null],\"c\":-1.5e3,\"d\":{},\"e\":true}";
        Map<String, String> members = JsonObject.members(text);
        assertThat(members).containsEntry("a", "[1,{\"b\":\"]\\\"}\"},null]").containsEntry("c", "-1.5e3");
        assertThat(JsonObject.of(members)).isEqualTo(text);
    }
}
