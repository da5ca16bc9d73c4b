package dev.fcvm.it.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.supervisor.Supervised;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A machine whose supervisor or monitor is killed while it is saved; at more moments: {@link SavingMatrixTest}. In no lane:
 * {@code FCVM_TEST_ONLY=SavingKillTest scripts/test.sh firecracker}.
 */
@MachineTest
@Timeout(300)
class SavingKillTest {

    @Test
    void shouldGoOnOrEndInOrderWhateverIsKilledWhileItIsSaved(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        try (var user = new Supervised(fcvm)) {
            SnapshotTest.source(user, archives);
            long asked = SnapshotTest.ask(user, "source");

            // While what the monitor wrote is copied, and the machine goes on already.
            Child saving = user.call("snapshot", "create", "source", "moment").start();
            fcvm.await(saving, _ -> SnapshotTest.hasFile(fcvm.data().resolve("snapshots"), "memory"));
            user.process().destroyForcibly();
            saving.outcome();
            assertThat(SnapshotTest.ask(user, "source")).isEqualTo(++asked);
            assertThat(fcvm.machines().getFirst().resolve("exchange"))
                    .as("what the monitor wrote")
                    .isEmptyDirectory();
            user.run("snapshot", "rm", "-f", "moment").expect(0);

            // While its memory is copied, by which it would be suspended.
            Child suspending = user.call("suspend", "source").start();
            fcvm.await(suspending, _ -> isMemoryCopied(fcvm));
            user.process().destroyForcibly();
            suspending.outcome();
            assertThat(SnapshotTest.ask(user, "source")).isEqualTo(++asked);
            suspending = user.call("suspend", "source").start();
            fcvm.await(suspending, _ -> isMemoryCopied(fcvm));
            killMonitor(fcvm);
            assertThat(suspending.outcome().expect(125).err()).contains("was not saved: it ended meanwhile");
            assertThat(user.run("ps", "-a", "--format", "{{.State}}").expect(0).out())
                    .isEqualTo("failed\n");
            user.run("start", "source").expect(0);
            user.run("suspend", "source").expect(0);
            user.run("resume", "source").expect(0);
            user.run("rm", "-f", "source").expect(0);
        }
    }

    private static boolean isMemoryCopied(Fcvm fcvm) {
        return SnapshotTest.hasFile(fcvm.machines().getFirst().resolve("suspended"), "memory");
    }

    private static void killMonitor(Fcvm fcvm) {
        var id = new MachineId(fcvm.machines().getFirst().getFileName().toString());
        for (ProcessHandle process : new MachineProcesses(id).living()) {
            if (process.info()
                    .command()
                    .filter(program -> program.endsWith("firecracker"))
                    .isPresent()) {
                process.destroyForcibly();
                process.onExit().join();
            }
        }
    }
}
