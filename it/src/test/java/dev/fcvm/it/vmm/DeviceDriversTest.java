package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.Balloon;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.Entropy;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.Vsock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The base in machines that have every device their monitor can show. */
@MachineTest
@Timeout(120)
final class DeviceDriversTest {

    private static final Duration DEADLINE = Duration.ofSeconds(90);

    /** What each device is, and who drives it; then what modules there are for devices that are opened. */
    private static final String LOOK = """
            for device in /sys/bus/virtio/devices/*; do
                read -r alias <"$device/modalias"
                driver=$($bb readlink "$device/driver") || driver=/nobody
                echo "guest: ${alias%v*} is driven by ${driver##*/}."
            done
            for node in net/tun fuse loop-control; do
                if (: 3<>"/dev/$node"); then echo "guest: $node opens."; fi
            done
            $bb reboot -f
            """;

    /** By the numbers of the virtio specification, section 5. */
    private static final List<String> OF_BOTH = List.of(
            "guest: virtio:d00000001 is driven by virtio_net.",
            "guest: virtio:d00000002 is driven by virtio_blk.",
            "guest: virtio:d00000004 is driven by virtio_rng.",
            "guest: virtio:d00000005 is driven by virtio_balloon.");

    @Test
    void shouldHaveADriverForEveryDeviceThatQemuShows(Place place, Fcvm fcvm) throws Exception {
        assumeFalse(fcvm.lane().isFirecracker(), "QEMU has a lane of its own");
        List<String> words = new ArrayList<>(List.of("qemu-system-x86_64", "-accel", "tcg,tb-size=256"));
        words.addAll(List.of("-cpu", "max,erms=off,fsrm=off", "-m", "256M", "-bios", "qboot.rom"));
        words.addAll(List.of("-machine", "microvm,acpi=on,rtc=on,auto-kernel-cmdline=off"));
        words.addAll(List.of("-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"));
        words.addAll(List.of("-kernel", Fcvm.base().resolve("vmlinux").toString()));
        words.addAll(List.of("-initrd", Fcvm.base().resolve("initramfs.img").toString()));
        words.addAll(List.of(
                "-append",
                "console=ttyS0 reboot=t panic=-1 quiet cryptomgr.notests tsc=reliable tsc_early_khz="
                        + BuiltKernelTest.clock()));
        int number = 0;
        for (var drive : BaseScratch.drives(BaseScratch.running(place, LOOK))) {
            String id = "disk" + number++;
            words.addAll(List.of(
                    "-drive",
                    "if=none,format=raw,id=" + id + ",file=" + drive.file()
                            + (drive.readOnly() ? ",readonly=on" : "")));
            words.addAll(List.of("-device", "virtio-blk-device,drive=" + id));
        }
        words.addAll(List.of("-netdev", "user,id=card", "-device", "virtio-net-device,netdev=card"));
        for (String device : List.of("serial", "rng", "balloon", "scsi")) {
            words.addAll(List.of("-device", "virtio-" + device + "-device"));
        }

        List<String> said =
                said(Child.of(words).deadline(DEADLINE).run().expect(0).out());

        assertThat(said)
                .containsAll(OF_BOTH)
                .contains("guest: virtio:d00000003 is driven by virtio_console.")
                // Not among the initramfs's modules: loaded out of the base.
                .contains("guest: virtio:d00000008 is driven by virtio_scsi.")
                .contains("guest: net/tun opens.", "guest: fuse opens.", "guest: loop-control opens.")
                .noneMatch(line -> line.contains("nobody"));
    }

    @Test
    void shouldHaveADriverForEveryDeviceThatFirecrackerShows(Place place, Fcvm fcvm) throws Exception {
        assumeTrue(fcvm.lane().isFirecracker(), "Firecracker has a lane of its own");
        try (ApiProcess machine = ApiProcess.start(place, HostSide.withTap("tap0"))) {
            machine.does(MachineConfig.of(1, MemorySize.ofMebibytes(256)))
                    .does(new BootSource(
                            Genuine.kernel().toString(),
                            Optional.of(Fcvm.base().resolve("initramfs.img").toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet cryptomgr.notests")));
            int number = 0;
            Path scratch = BaseScratch.running(place, LOOK);
            for (var drive : BaseScratch.drives(scratch)) {
                machine.does(Drive.of("disk" + number++, drive.file().toString(), drive.readOnly()));
            }
            machine.does(NetworkInterface.of("eth0", "tap0"))
                    .does(new Vsock(3, "vsock.sock"))
                    .does(new Entropy(Optional.empty()))
                    .does(new Balloon(
                            MemorySize.ofMebibytes(0), false, Duration.ZERO, Optional.empty(), Optional.empty()))
                    .does(Action.START);

            List<String> said = said(machine.process().outcome().expect(0).out());

            assertThat(said)
                    .containsAll(OF_BOTH)
                    .contains("guest: virtio:d00000013 is driven by vmw_vsock_virtio_transport.")
                    .noneMatch(line -> line.contains("nobody"));
        }
    }

    private static List<String> said(String console) {
        return console.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("guest: "))
                .toList();
    }
}
