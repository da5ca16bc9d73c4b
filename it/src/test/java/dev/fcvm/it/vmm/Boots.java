package dev.fcvm.it.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.confine.ConfinementResources;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;

/** Boots machines that have nothing on the host but their monitor. */
public final class Boots {

    private Boots() {}

    /** Boots one. */
    public static RunningVm boot(Vmm vmm, VmSpec spec) throws FcvmException, InterruptedException {
        return vmm.boot(spec, journal(spec));
    }

    /** Boots one of Firecracker's. */
    public static FirecrackerVm boot(FirecrackerVmm vmm, VmSpec spec) throws FcvmException, InterruptedException {
        return vmm.boot(spec, journal(spec));
    }

    /** Makes one of a snapshot. */
    public static FirecrackerVm restore(FirecrackerVmm vmm, VmSpec spec, SnapshotLoad load)
            throws FcvmException, InterruptedException {
        return vmm.restore(spec, journal(spec), load);
    }

    /** Makes one of what was saved. */
    public static RunningVm restore(Vmm vmm, VmSpec spec, VmSnapshot saved) throws FcvmException, InterruptedException {
        return vmm.restore(spec, journal(spec), saved);
    }

    /** Opens a machine's journal. */
    public static Journal journal(VmSpec spec) throws FcvmException {
        return Journal.open(spec.directory().resolve("journal"), ConfinementResources.kinds());
    }
}
