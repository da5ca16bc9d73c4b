package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.error.FcvmException;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.vmm.qemu.Accelerator;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel of {@code scripts/build-kernel.sh}, where the base has one: to build it takes minutes that no test has. */
@MachineTest
final class BuiltKernelTest {

    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private Path kernel = Path.of("/nonexistent");

    @BeforeEach
    void onlyWhereItIs(Fcvm fcvm) {
        assumeFalse(fcvm.lane().isFirecracker(), "its machines are QEMU's, in which every bus can be had");
        kernel = Fcvm.base().resolve("vmlinux-fcvm");
        assumeTrue(Files.exists(kernel), "there is no images/vmlinux-fcvm; scripts/build-kernel.sh makes it");
    }

    /** QEMU starts an ELF kernel by its PVH entry, and by nothing else. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            microvm,acpi=on,rtc=on,auto-kernel-cmdline=off | device | LNRO0005
            microvm,acpi=off,pit=on,rtc=on                 | device | virtio-mmio-cmdline
            pc                                             | pci    | pci0000:00
            """)
    void shouldFindItsDevicesOnEveryBusWithoutAModule(String machine, String kind, String bus, Place place)
            throws Exception {
        Guest guest = Guest.make(place, kernel, List.of(), false);
        Path disk = Files.write(place.root().resolve("disk.img"), new byte[1 << 20]);
        String kernelArguments = "console=ttyS0 reboot=t panic=-1 quiet test=buses";
        if (machine.contains("acpi=on")) {
            // Where there is no timer to measure the processor's clock by, it is told.
            kernelArguments += " tsc=reliable tsc_early_khz=" + clock();
        }
        List<String> words = new ArrayList<>(List.of("qemu-system-x86_64", "-machine", machine));
        words.addAll(List.of("-accel", "tcg", "-cpu", "max", "-m", "256M"));
        words.addAll(List.of("-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"));
        words.addAll(List.of("-kernel", guest.kernel().toString(), "-append", kernelArguments));
        words.addAll(List.of("-initrd", guest.initramfs().toString()));
        words.addAll(List.of("-drive", "id=disk,if=none,format=raw,file=" + disk, "-netdev", "user,id=card"));
        for (String device : List.of("blk-%s,drive=disk", "net-%s,netdev=card", "serial-%s", "rng-%s")) {
            words.addAll(List.of("-device", "virtio-" + device.formatted(kind)));
        }
        words.addAll(
                kind.equals("pci")
                        ? List.of("-device", "vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87")
                        : List.of("-bios", "qboot.rom"));

        Outcome outcome = Child.of(words).deadline(DEADLINE).run().expect(0);

        for (String driver : List.of("virtio_blk", "virtio_net", "virtio_console", "virtio_rng")) {
            assertThat(outcome.out()).containsPattern("guest: %s on \\S*/%s\\S*/virtio\\d".formatted(driver, bus));
        }
        assertThat(outcome.out().contains("guest: vmgenid QEMUVGID:00")).isEqualTo(kind.equals("pci"));
        assertThat(outcome.out()).contains("guest: no modules");
    }

    @Test
    void shouldHaveWhatContainersAndTheirNetworksNeed(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.call(
                        "run",
                        "--rm",
                        "--quiet",
                        "--privileged",
                        "--kernel",
                        kernel.toString(),
                        "oci-archive:" + archives.ociArchive(TestImages.plain()),
                        "/bin/busybox",
                        "sh",
                        "-c",
                        Guest.script("kernel-look.sh"))
                .deadline(Fcvm.BOOT)
                .run()
                .expect(0);

        assertThat(outcome.out().lines())
                .containsExactly(
                        "release ends in -fcvm",
                        "file systems: erofs ext4 fuse nfs4 overlay",
                        "rules: taken",
                        "bridge: made",
                        "overlay: mounted",
                        // There is a client, which asks, and no server, which answers.
                        "nfs: Connection refused");
    }

    /** Returns the rate of the host's time stamp counter in kHz, which an emulated processor has as well. */
    static long clock() throws FcvmException {
        Accelerator accelerator =
                QemuVmm.inSoftware(Path.of("qemu-system-x86_64")).accelerator();
        return ((Accelerator.Software) accelerator).tscKhz();
    }
}
