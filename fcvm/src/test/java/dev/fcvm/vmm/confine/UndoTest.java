package dev.fcvm.vmm.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Namespaces;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.TestSpecs;
import dev.fcvm.vmm.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a confinement has on the host is taken back, and what stays is told without hiding why things ended. */
final class UndoTest {

    private static final MachineId MACHINE = MachineId.random();

    @TempDir
    Path machine;

    @Test
    void shouldTakeEverythingBackAndBeDoneThen() throws Exception {
        Undo undo = undo();
        Path disk = Files.createFile(machine.resolve("disk"));
        Path cgroup = Files.createDirectory(machine.resolve("fcvm-" + MACHINE.value()));
        undo.cgroup(cgroup);
        undo.owner(disk);

        undo.run();
        undo.run();

        assertThat(cgroup).doesNotExist();
        assertThat(undo.directory()).doesNotExist();
        assertThat(disk).exists();
    }

    @Test
    void shouldTakeBackWhatItCanWhenSomethingStaysAndKeepThatWrittenDown() throws Exception {
        Undo undo = undo();
        Path cgroup = Files.createDirectory(machine.resolve("fcvm-" + MACHINE.value()));
        undo.cgroup(cgroup);
        undo.cgroup(machine.resolve("somebody-elses"));

        assertThatThrownBy(undo::run)
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith(
                        "cannot take back what machine " + MACHINE.brief() + " had on the host (cgroup ")
                .hasMessageContaining("names a cgroup of somebody else")
                .hasNoSuppressedExceptions();

        assertThat(cgroup).doesNotExist();
        assertThat(undo.directory().resolve("undo")).exists();
    }

    @Test
    void shouldNameAllThatStays() throws Exception {
        Undo undo = undo();
        undo.cgroup(machine.resolve("one"));
        undo.cgroup(machine.resolve("two"));

        assertThatThrownBy(undo::run)
                .hasMessageContaining("(cgroup " + machine.resolve("two") + ")")
                .satisfies(first -> assertThat(Besides.of(first))
                        .singleElement()
                        .asString()
                        .startsWith("besides, cannot take back what machine " + MACHINE.brief())
                        .contains("(cgroup " + machine.resolve("one") + ")"));
    }

    @Test
    void shouldTakeBackUnderAnInterruption() throws Exception {
        Undo undo = undo();
        undo.cgroup(Files.createDirectory(machine.resolve("fcvm-" + MACHINE.value())));
        Thread.currentThread().interrupt();

        undo.run();

        assertThat(Thread.interrupted()).as("it is still interrupted").isTrue();
        assertThat(undo.directory()).doesNotExist();
    }

    @Test
    void shouldTellWhyAMonitorCannotBeStartedThoughItsJailCannotBeClosedEither() throws Exception {
        Undo undo = undo();
        undo.cgroup(machine.resolve("somebody-elses"));
        VmSpec spec = TestSpecs.twoDisks();
        Jail jail = new Jail(
                Namespaces.ROOTLESS,
                List.of("/bin/true"),
                Path.of("/bin/true"),
                spec,
                List.of(),
                Path.of("/"),
                undo,
                Optional.empty());

        // The console's log cannot be made: the machine has no directory.
        assertThatThrownBy(() ->
                        Monitor.start("monitor", spec, jail, List.of(), Monitor.Console.STANDARD_OUTPUT, List.of()))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("/data/m/console.log")
                .satisfies(first -> assertThat(Besides.of(first))
                        .singleElement()
                        .asString()
                        .startsWith("besides, cannot take back what machine " + MACHINE.brief()));
    }

    private Undo undo() throws Exception {
        Undo undo = Undo.of(MACHINE, machine);
        Files.createDirectory(undo.directory());
        return undo;
    }
}
