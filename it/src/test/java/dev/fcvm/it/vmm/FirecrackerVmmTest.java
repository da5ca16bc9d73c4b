package dev.fcvm.it.vmm;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.KnownFault;
import java.nio.file.Path;
import java.util.List;

/** The genuine Firecracker, with a kernel that this host's KVM runs. */
final class FirecrackerVmmTest extends VmmContract {

    @Override
    Vmm vmm() {
        return vmm(Genuine.firecracker());
    }

    @Override
    Vmm vmm(Path program) {
        return Genuine.patient(new FirecrackerVmm(program));
    }

    @Override
    List<String> networks() {
        return List.of("eth0", "lo");
    }

    @Override
    void assumeKeepsItsLinkInAPause(RunningVm machine) {
        FirecrackerVersion version = ((FirecrackerVm) machine).version();
        assumeFalse(
                KnownFault.LINK_HANGS_AFTER_RESUME.isIn(version),
                "Firecracker " + version + " loses the link in a pause, as it says at every run");
    }

    @Override
    Guest guest() {
        return Genuine.guest(place);
    }
}
