package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.api.Instance;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A snapshot of the base's own kernel, where KVM runs it. */
@MachineTest
@Timeout(180)
final class SnapshotOnKvmTest {

    private static final int ATTEMPTS = 5;

    /** The guest says nothing meanwhile: a console in the middle of a word may be dead after a restore. */
    @Test
    void shouldGoOnInAFreshProcessWithItsLink(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        FirecrackerVmm vmm = Genuine.monitor();
        VmSpec first = guest.doing("echo");
        SnapshotLoad snapshot;
        try (FirecrackerVm machine = Boots.boot(vmm, first)) {
            try (Echo echo = Echo.over(machine.dialAgent())) {
                echo.exchange(64 << 10);
            }
            machine.pause();
            snapshot = Snapshots.of(place, first, machine);
            machine.resume();
            echoAfterASnapshot(machine);
        }
        VmmContract.assertNothingLeft(first);
        VmSpec second = guest.doing("nothing");
        try (FirecrackerVm machine = Boots.restore(vmm, second, snapshot)) {
            assertThat(machine.ask(new Instance.Ask()).state()).isEqualTo("Paused");
            machine.resume();
            echoAfterASnapshot(machine);
        }
        VmmContract.assertNothingLeft(second);
    }

    /** A connection made right after a snapshot may be reset with those from before it: then the next one is right. */
    private static void echoAfterASnapshot(FirecrackerVm machine) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try (Echo echo = Echo.over(machine.dialAgent())) {
                echo.exchange(64 << 10);
                return;
            } catch (ExecutionException | CompletionException reset) {
                if (attempt == ATTEMPTS) {
                    throw reset;
                }
            }
        }
    }
}
