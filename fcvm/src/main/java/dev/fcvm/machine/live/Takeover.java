package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Pending;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.vmm.RunningVm;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Gets hold of what a machine has that runs, and whose supervisor is gone. */
final class Takeover {

    private static final long BUSY_MILLIS = 200;

    private final Standing standing;
    private final OwnedMachine owned;
    private final Audience audience;

    Takeover(Standing standing, Audience audience) {
        this.standing = standing;
        this.owned = standing.owned();
        this.audience = audience;
    }

    /** Returns how it stands still when its supervisor was killed while it saved it. */
    Optional<MachineState.Paused> beingSaved() {
        return standing.state() instanceof MachineState.Paused paused
                        && paused.reason().equals(Saving.REASON)
                ? Optional.of(paused)
                : Optional.empty();
    }

    /** A monitor that is just saving its machine obeys when that is done, which takes as long as the disk does. */
    RunningVm attach(Adoption adoption) throws FcvmException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                return adoption.vmm().attach(adoption.handle(), owned.journal());
            } catch (FcvmException busy) {
                if (beingSaved().isEmpty() || System.nanoTime() - start > Saving.LONGEST.toNanos()) {
                    throw busy;
                }
                TimeUnit.MILLISECONDS.sleep(BUSY_MILLIS);
            }
        }
    }

    /** With what its monitor has on the host undone when there is no network to go on with. */
    RunNetwork network(Adoption adoption, RunningVm vm) throws FcvmException, InterruptedException {
        try (Pending attached = new Pending(vm::close)) {
            RunNetwork network = RunNetwork.adopt(
                    adoption.network(),
                    adoption.isolation(),
                    owned.files(),
                    owned.journal(),
                    vm.pid(),
                    adoption.settings(),
                    audience);
            attached.handOver();
            return network;
        }
    }
}
