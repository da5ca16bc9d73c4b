package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.Tool;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.nio.file.Files;
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
    void shouldGoOnInAnotherProcessFromWhereItWasSaved() throws Exception {
        Guest guest = guest();
        VmSpec first = guest.doing("echo");
        VmSnapshot saved;
        try (RunningVm machine = Boots.boot(vmm(), first)) {
            exchange(machine);
            machine.pause();
            saved = Snapshots.saved(place, first, machine);
            machine.resume();
            exchange(machine);
        }
        assertNothingLeft(first);
        // Its memory is not written where it is zero, which is most of it.
        assertThat(Files.size(saved.memory())).isLessThan(first.memoryMib() << 19);
        for (int clone = 0; clone < 2; clone++) {
            VmSpec second = guest.doing("nothing");
            try (RunningVm machine = Boots.restore(vmm(), second, saved)) {
                assertThat(machine.hasPlan()).isFalse();
                machine.resume();
                exchange(machine);
            }
            assertNothingLeft(second);
        }
    }

    private static void exchange(RunningVm machine) throws Exception {
        try (Echo echo = Echo.over(machine.dialAgent())) {
            echo.exchange(64 << 10);
        }
    }

    @Test
    void shouldRefuseWhatAnotherQemuSavedOrWhatIsTorn() throws Exception {
        VmSpec spec = guest().doing("nothing");
        Path torn = Files.write(place.root().resolve("torn"), new byte[4096]);

        assertThatThrownBy(() -> Boots.restore(vmm(), spec, new VmSnapshot(torn, torn, "qemu 1.2.3 (none)")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("saved by qemu 1.2.3 (none)");
        assertNothingLeft(spec);
        assertThatThrownBy(() -> Boots.restore(vmm(), spec, new VmSnapshot(torn, torn, "")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("qemu could not boot the machine");
        assertNothingLeft(spec);
    }

    @Test
    void shouldGiveTheGuestItsPlan() throws Exception {
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("devices"))) {
            assertThat(Consoles.await(machine, "guest: end", PATIENCE)).contains("guest: plan " + Guest.PLAN + "\n");
        }
    }
}
