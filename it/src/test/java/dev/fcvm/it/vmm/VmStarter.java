package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.MachineId;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that boots a machine and is then killed. */
public final class VmStarter {

    private VmStarter() {}

    /** Boots the machine that the arguments describe, prints its handle, and waits to be killed. */
    public static void main(String[] args) throws Exception {
        Path program = Path.of(args[1]);
        Vmm vmm = switch (args[0]) {
            case "firecracker" -> Genuine.patient(new FirecrackerVmm(program));
            case "qemu with kvm" -> QemuVmm.withKvm(program);
            default -> QemuVmm.inSoftware(program);
        };
        List<VmSpec.Drive> drives = new ArrayList<>();
        for (int index = 8; index < args.length; index++) {
            drives.add(new VmSpec.Drive(Path.of(args[index]), false));
        }
        VmSpec spec = new VmSpec(
                new MachineId(args[2]),
                Path.of(args[3]),
                Path.of(args[4]),
                Path.of(args[5]),
                Path.of(args[6]),
                List.of(args[7].split(" ")),
                1,
                256,
                drives,
                Guest.PLAN,
                VmSpec.Isolation.ROOTLESS);
        String isolation = System.getProperty("isolation", "ROOTLESS");
        RunningVm machine = Boots.boot(vmm, isolated(spec, VmSpec.Isolation.valueOf(isolation)));
        System.out.println(machine.handle().toJson());
        System.in.read(); // never comes
    }

    /** Starts a process that boots a machine, prints its handle when that has been done, and then stays. */
    static Process start(Vmm vmm, VmSpec spec) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Disolation=" + spec.isolation(),
                "-cp",
                System.getProperty("java.class.path"),
                VmStarter.class.getName(),
                vmm.name() + (vmm.name().equals("qemu") && vmm.capabilities().hardware() ? " with kvm" : ""),
                program(vmm).toString(),
                spec.id().value(),
                spec.directory().toString(),
                spec.socketDirectory().toString(),
                spec.kernel().toString(),
                spec.initramfs().toString(),
                String.join(" ", spec.bootArguments())));
        spec.drives().forEach(drive -> command.add(drive.file().toString()));
        return new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    }

    /** Boots a machine in a process of its own, which is killed with SIGKILL once the machine has booted. */
    static VmHandle bootInAProcessThatIsKilled(Vmm vmm, VmSpec spec) throws Exception {
        Process starter = start(vmm, spec);
        try (BufferedReader said = starter.inputReader()) {
            String json = said.readLine();
            assertThat(json).as("the starter's word; its errors are above").isNotNull();
            return VmHandle.ofJson(json);
        } finally {
            starter.destroyForcibly().waitFor(); // SIGKILL
        }
    }

    private static Path program(Vmm vmm) {
        return vmm instanceof QemuVmm qemu ? qemu.program() : ((FirecrackerVmm) vmm).program();
    }

    /** Returns the same machine, separated from the host like this. */
    static VmSpec isolated(VmSpec spec, VmSpec.Isolation isolation) {
        VmSpec other = new VmSpec(
                spec.id(),
                spec.directory(),
                spec.socketDirectory(),
                spec.kernel(),
                spec.initramfs(),
                spec.bootArguments(),
                spec.vcpus(),
                spec.memoryMib(),
                spec.drives(),
                spec.plan(),
                isolation);
        return spec.exchange().map(other::exchanging).orElse(other);
    }
}
