package dev.fcvm.it.vmm;

import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
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
        return new FirecrackerVmm(program);
    }

    @Override
    List<String> networks() {
        return List.of("eth0", "lo");
    }

    @Override
    Guest guest() {
        return Genuine.guest(place);
    }
}
