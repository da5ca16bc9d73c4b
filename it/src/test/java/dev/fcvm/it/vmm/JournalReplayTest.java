package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whoever boots a machine is killed at each thing he acquires; what his journal says is then enough to leave nothing. The
 * monitor is a program that never answers, so no machine boots.
 */
@MachineTest
@Timeout(180)
final class JournalReplayTest {

    private static final Path CLAIMS = Path.of("/run/fcvm/users");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldLeaveNothingWhereverItsStarterIsKilled(Isolation isolation, Place place) throws Exception {
        boolean root = Child.of("id", "-u").run().out().strip().equals("0");
        if (isolation == Isolation.PRIVILEGED && !root) {
            return; // nobody can be given a machine of this kind
        }
        Path silent = place.file("silent", "#!/bin/sh\nexec sleep 1000\n");
        Child.of("chmod", "755", silent.toString()).run().expect(0);
        QemuVmm vmm = QemuVmm.withKvm(silent);
        Path kernel = place.file("kernel", "no kernel");
        Path disk = place.file("disk", "no disk");
        Object owner = Files.getOwner(disk);
        int acquired = 1;
        for (int lines = 1; lines <= acquired; lines++) {
            VmSpec spec = VmStarter.isolated(
                    new Guest(place, kernel, kernel).doing("nothing", List.of(new VmSpec.Drive(disk, false))),
                    isolation);
            Path journal = spec.directory().resolve("journal");
            Process starter = VmStarter.start(vmm, spec);
            int seen = 0;
            try {
                while (seen < lines && starter.isAlive()) {
                    seen = Math.max(seen, lines(journal));
                    Thread.onSpinWait();
                }
                assertThat(seen).as("it has come so far").isGreaterThanOrEqualTo(lines);
                if (lines == 1) {
                    acquired = awaitMonitor(spec, journal);
                }
            } finally {
                starter.destroyForcibly().waitFor(); // SIGKILL
            }
            Boots.journal(spec).releaseAll();
            VmmContract.assertNothingLeft(spec);
            assertThat(Files.getOwner(disk)).isEqualTo(owner);
            assertThat(cgroupsOf(spec)).isEmpty();
            assertThat(claimsOf(journal)).isEmpty();
        }
        assertThat(acquired).as("a tree and processes at least").isGreaterThanOrEqualTo(2);
    }

    /** The first time it is left to come to its end, which tells how much there is to acquire. */
    private static int awaitMonitor(VmSpec spec, Path journal) throws IOException {
        while (!Files.exists(spec.directory().resolve("jail/pid"))) {
            Thread.onSpinWait();
        }
        assertThat(new MachineProcesses(spec.id()).living()).isNotEmpty();
        return lines(journal);
    }

    private static int lines(Path journal) throws IOException {
        try {
            return (int) Files.readString(journal)
                    .chars()
                    .filter(each -> each == '\n')
                    .count();
        } catch (NoSuchFileException notYet) {
            return 0;
        }
    }

    private static List<Path> cgroupsOf(VmSpec spec) throws IOException {
        String name = MachineProcesses.CGROUP_PREFIX + spec.id().value();
        try (Stream<Path> all = Files.walk(CGROUPS, 6)) {
            return all.filter(path -> path.endsWith(name)).toList();
        }
    }

    private static List<Path> claimsOf(Path journal) throws IOException {
        if (!Files.isDirectory(CLAIMS)) {
            return List.of();
        }
        try (Stream<Path> claims = Files.list(CLAIMS)) {
            return claims.filter(claim -> {
                        try {
                            return Files.readString(claim).strip().equals(journal.toString());
                        } catch (IOException gone) {
                            return false; // another machine's
                        }
                    })
                    .toList();
        }
    }
}
