package dev.fcvm.machine;

import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.qemu.Accelerator;
import dev.fcvm.vmm.qemu.QemuVmm;

/** Tells whether a monitor runs guests on the processor itself. */
final class Hardware {

    private Hardware() {}

    static boolean isUsedBy(Vmm vmm) {
        return switch (vmm) {
            case FirecrackerVmm firecracker -> true;
            case QemuVmm qemu -> qemu.accelerator() instanceof Accelerator.Kvm;
            default -> false;
        };
    }
}
