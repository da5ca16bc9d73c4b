package dev.fcvm.host.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.CallerEnvironment;
import dev.fcvm.host.process.ProcessTag;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How systemd is asked for a machine's cgroup; systemd and the tree of cgroups are directories and scripts. */
@Timeout(60)
class SystemdTest {

    private static final String GROUP = "fcvm-0123456789abcdef0123456789abcdef";
    private static final String UNIT = GROUP + ".scope";
    private static final int USER = 1000;

    private final ProcessTag tag = ProcessTag.random("FCVM_TEST_SYSTEMD");

    @TempDir
    Path directory;

    @AfterEach
    void leaveNothing() {
        tag.killAll();
    }

    @Test
    void shouldBeTheSystemsForRootAndTheUsersOwnForOthersWhereItIsProcessOne() throws Exception {
        Path run = Files.createDirectories(directory.resolve("run"));
        socket(run.resolve("systemd/private"));
        assertThat(Systemd.below(run, 0))
                .as("another program than process 1 made it")
                .isEmpty();
        Files.createDirectories(run.resolve("systemd/system"));
        assertThat(Systemd.below(run, 0)).contains(new Systemd(run, false));
        assertThat(Systemd.below(run, USER)).as("no manager of the user's runs").isEmpty();
        Path users = run.resolve("user/1000");
        socket(users.resolve("systemd/private"));
        assertThat(Systemd.below(run, USER)).contains(new Systemd(users, true));
    }

    @Test
    void shouldAskForADelegatedScopeThatGoesWithItsLastProcess() throws Exception {
        Path tools = tool("systemd-run", "printf '%s\\n' \"$*\" >'" + directory + "/asked'; exec false");
        with(tools, () -> {
            assertThatThrownBy(() -> new Systemd(directory, false).open(UNIT, tag))
                    .isInstanceOf(FcvmException.class);
            assertThat(asked())
                    .contains("--scope", "--collect", "--unit=" + UNIT, "--slice=machine.slice", "Delegate=yes")
                    .doesNotContain("--user");
            assertThatThrownBy(() -> new Systemd(directory, true).open(UNIT, tag))
                    .isInstanceOf(FcvmException.class);
            assertThat(asked()).startsWith("--user ").doesNotContain("--slice");
        });
    }

    @Test
    void shouldSayInSystemdsWordsWhyThereIsNoScope() throws Exception {
        Path tools = tool("systemd-run", "echo 'Failed to start transient scope unit: Access denied' >&2; exit 1");
        with(
                tools,
                () -> assertThatThrownBy(() -> new Systemd(directory, true).open(UNIT, tag))
                        .hasMessageContainingAll(UNIT, "Access denied"));
    }

    @Test
    void shouldNotTakeACgroupForTheScopeThatItIsNot() throws Exception {
        // As where the socket is another host's, or a container's: what is asked for is made where nobody sees it.
        Path tools = tool("systemd-run", "while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"");
        with(
                tools,
                () -> assertThatThrownBy(() -> new Systemd(directory, true).open(UNIT, tag))
                        .hasMessageContaining("not seen here"));
    }

    @Test
    void shouldGiveTheControllersToACgroupInTheScopeAndLeaveNoProcessBesideIt() throws Exception {
        Path made = Files.createDirectories(directory.resolve(UNIT));
        Files.writeString(made.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
        Files.writeString(made.resolve("cgroup.procs"), "4711\n");
        try (SystemdScope scope = scope(made)) {
            scope.divide(GROUP, List.of("memory", "cpu", "pids"));
            assertThat(scope.child(GROUP).resolve("cgroup.procs")).hasContent("4711");
            assertThat(made.resolve("cgroup.subtree_control")).hasContent("+memory +cpu +pids");
        }
    }

    @Test
    void shouldNotTakeAScopeThatCannotLimitAll() throws Exception {
        Path made = Files.createDirectories(directory.resolve(UNIT));
        Files.writeString(made.resolve("cgroup.controllers"), "memory pids\n");
        try (SystemdScope scope = scope(made)) {
            assertThatThrownBy(() -> scope.divide(GROUP, List.of("memory", "cpu", "pids")))
                    .hasMessageContaining("cpu");
            assertThat(scope.child(GROUP)).doesNotExist();
        }
    }

    @Test
    void shouldLetTheScopeGoWhenItIsClosed() throws Exception {
        Process holder = new ProcessBuilder("cat").start();
        new SystemdScope(holder, new Systemd(directory, false), directory).close();
        assertThat(holder.waitFor()).as("the process that held it open").isZero();
    }

    private SystemdScope scope(Path made) throws Exception {
        return new SystemdScope(new ProcessBuilder("cat").start(), new Systemd(directory, false), made);
    }

    @Test
    void shouldEndAScopeThatIsStillThereAndAskNothingOfOneThatIsGone() throws Exception {
        Path tools = tool(
                "systemctl",
                "printf '%s\\n' \"$*\" >>'" + directory + "/asked'; exit \"$(cat '" + directory + "/code')\"");
        Files.createFile(directory.resolve("asked"));
        Systemd systemd = new Systemd(directory, true);
        with(tools, () -> {
            systemd.end(UNIT);
            assertThat(asked()).isEmpty();
            socket(directory.resolve("systemd/transient").resolve(UNIT));
            Files.writeString(directory.resolve("code"), "0");
            systemd.end(UNIT);
            assertThat(asked()).isEqualTo("--user stop " + UNIT + "\n");
            Files.writeString(directory.resolve("code"), "5"); // it went meanwhile
            systemd.end(UNIT);
            Files.writeString(directory.resolve("code"), "1");
            assertThatThrownBy(() -> systemd.end(UNIT)).hasMessageContaining("systemctl --user stop " + UNIT);
        });
    }

    @Test
    void shouldMoveAProcessByTheBusWhereItMayNotRegisterItself() throws Exception {
        Path users = group(directory.resolve("user-1000.slice/user@1000.service"));
        Path machine = group(group(users.resolve("app.slice")).resolve(UNIT).resolve(GROUP));
        Path session = directory.resolve("user-1000.slice/session-1.scope");
        Optional<Systemd> systemd = Optional.of(new Systemd(directory, true));
        CgroupEntry outside = CgroupEntry.of(List.of(machine), Optional.of(session), systemd);
        assertThat(outside.registers())
                .containsExactly(machine.resolve("cgroup.procs").toString());
        assertThat(outside.before()).contains(UNIT, "/" + GROUP);
        CgroupEntry inside =
                CgroupEntry.of(List.of(machine), Optional.of(users.resolve("app.slice/terminal.scope")), systemd);
        assertThat(inside.before()).isEmpty();
        CgroupEntry without = CgroupEntry.of(List.of(machine), Optional.of(session), Optional.empty());
        assertThat(without.before()).isEmpty();
    }

    @Test
    void shouldStartTheProgramOnlyWhenItIsMoved() throws Exception {
        Path machine = group(directory.resolve("app.slice").resolve(UNIT).resolve(GROUP));
        CgroupEntry entry = CgroupEntry.of(
                List.of(machine), Optional.of(Path.of("/elsewhere")), Optional.of(new Systemd(directory, true)));
        List<String> command = new ArrayList<>(entry.before());
        command.addAll(List.of("sh", "-c", "echo \"$$ ${XDG_RUNTIME_DIR-none} $1\"", "sh", "a  b"));
        tool("busctl", "printf '%s\\n' \"$XDG_RUNTIME_DIR $*\" >'" + directory + "/asked'; cat");
        Process moved = start(command);
        assertThat(new String(moved.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(moved.pid() + " none a  b\n");
        assertThat(asked())
                .startsWith(directory + " --user call ")
                .endsWith(" AttachProcessesToUnit ssau " + UNIT + " /" + GROUP + " 1 " + moved.pid() + "\n");
        tool("busctl", "exit 1");
        Process refused = start(command);
        assertThat(refused.getInputStream().readAllBytes()).isEmpty();
        assertThat(refused.waitFor()).isEqualTo(1);
    }

    private Process start(List<String> command) throws Exception {
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", directory.resolve("tools") + ":/usr/bin:/bin");
        return builder.start();
    }

    private interface Check {
        void run() throws Exception;
    }

    private static void with(Path tools, Check check) throws Exception {
        Map<String, String> environment = Map.of("PATH", tools + ":/usr/bin:/bin");
        Throwable[] failure = {null};
        CallerEnvironment.with(ProcessHandle.current().pid(), environment, () -> {
            try {
                check.run();
            } catch (Exception | AssertionError e) {
                failure[0] = e;
            }
            return 0;
        });
        assertThat(failure[0]).isNull();
    }

    private String asked() throws Exception {
        return Files.readString(directory.resolve("asked"));
    }

    private Path tool(String name, String script) throws Exception {
        Path tools = Files.createDirectories(directory.resolve("tools"));
        Path file = tools.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return tools;
    }

    private static void socket(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        Files.createFile(file);
    }

    private static Path group(Path group) throws Exception {
        Files.createDirectories(group);
        Files.writeString(group.resolve("cgroup.procs"), "");
        return group;
    }
}
