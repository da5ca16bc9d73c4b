package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.PrivateDirectories;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MachineProcessesTest {

    private static final Path SHELL = Path.of("/bin/sh");

    /** With one child only: it is process 1 of its namespace, and no second one could follow it. */
    private static final String SAY = "read -r a b c d e session g </proc/$$/stat; echo begin;"
            + " echo $a $session; read -r inside outside count </proc/self/uid_map; echo $inside $outside; pwd;"
            + " tr '\\0' '\\n' </proc/$$/environ; exit";

    @Test
    void shouldFindAndKillAMachinesProcessesAndTheirChildrenAndNoOthers() throws Exception {
        var mine = new MachineProcesses(MachineId.random());
        var other = new MachineProcesses(MachineId.random());
        Process parent = sleepers(mine);
        Process spared = sleepers(other);
        try {
            assertThat(mine.living()).hasSize(2).extracting(ProcessHandle::pid).contains(parent.pid());
            mine.killAll();
            assertThat(mine.living()).isEmpty();
            assertThat(parent.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(other.living()).hasSize(2);
        } finally {
            mine.killAll();
            other.killAll();
        }
        assertThat(spared.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldGiveAProcessItsOwnSessionAndNothingOfTheCallersEnvironment() throws Exception {
        var processes = new MachineProcesses(MachineId.random());
        Process process = processes.start(Namespaces.ROOTLESS, Path.of("/usr"), SHELL, List.of("-c", SAY));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        long pid = process.pid();
        assertThat(said.lines().filter(line -> line.contains("=")).map(line -> line.substring(0, line.indexOf('='))))
                .containsExactlyInAnyOrder("PATH", "LC_ALL", MachineProcesses.VARIABLE);
        assertThat(said).contains("begin\n%d %d\n".formatted(pid, pid));
        assertThat(said).contains("\n0 %s\n".formatted(PrivateDirectories.currentUser()));
        assertThat(said).contains("\n/usr\n");
    }

    @Test
    void shouldSayWhatIsMissingWhenAProgramCannotBeStarted() throws Exception {
        var processes = new MachineProcesses(MachineId.random());
        Process process = processes.start(Namespaces.ROOTLESS, Path.of("/"), Path.of("/nonexistent/vmm"), List.of());
        String words = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(127);
        assertThat(words).contains("/nonexistent/vmm");
        assertThatThrownBy(() -> processes.start(Namespaces.ROOTLESS, Path.of("/"), SHELL, List.of("a\0b")))
                .isInstanceOf(FcvmException.class);
    }

    /** Starts a shell and a child of it, and waits until both are there. */
    private static Process sleepers(MachineProcesses processes) throws Exception {
        Process process = processes.start(
                Namespaces.ROOTLESS, Path.of("/"), SHELL, List.of("-c", "sleep 1000 & echo begun; wait"));
        assertThat(process.inputReader().readLine()).isEqualTo("begun");
        return process;
    }
}
