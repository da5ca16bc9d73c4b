package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Tool;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** QEMU in software, which runs everywhere. */
class QemuVmmTest extends VmmContract {

    @Override
    Vmm vmm() {
        return vmm(Tool.named("qemu-system-x86_64", "qemu-system-x86").find().orElseThrow());
    }

    @Override
    Vmm vmm(Path program) {
        try {
            return qemu(program);
        } catch (FcvmException e) {
            throw new AssertionError(e);
        }
    }

    /** Makes the monitor of the program. */
    QemuVmm qemu(Path program) throws FcvmException {
        return QemuVmm.inSoftware(program);
    }

    @Override
    List<String> networks() {
        return List.of("lo");
    }

    @Override
    Guest guest() throws IOException {
        return Guest.make(place, base().resolve("vmlinux"), List.of(base().resolve("initramfs.img")), false);
    }

    @Test
    void shouldGiveTheGuestItsPlan() throws Exception {
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("devices"))) {
            assertThat(Consoles.await(machine, "guest: end", PATIENCE)).contains("guest: plan " + Guest.PLAN + "\n");
        }
    }
}
