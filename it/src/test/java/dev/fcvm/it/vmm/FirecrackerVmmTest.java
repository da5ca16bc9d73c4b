package dev.fcvm.it.vmm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A genuine Firecracker with a kernel that this host's KVM runs: FCVM_TEST_FIRECRACKER and
 * FCVM_TEST_FIRECRACKER_KERNEL name them.
 */
final class FirecrackerVmmTest extends VmmContract {

    @Override
    Vmm vmm() {
        return vmm(Path.of(setting("FCVM_TEST_FIRECRACKER")));
    }

    @Override
    Vmm vmm(Path program) {
        return new FirecrackerVmm(program);
    }

    @Override
    Guest guest() throws IOException {
        return Guest.make(place, Path.of(setting("FCVM_TEST_FIRECRACKER_KERNEL")), List.of());
    }

    @Override
    boolean canSwitchOff() {
        return false;
    }

    private static String setting(String name) {
        String value = Place.setting(name, "");
        assumeTrue(!value.isEmpty(), name + " is not set");
        return value;
    }
}
