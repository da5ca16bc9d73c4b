package dev.fcvm.vmm.qemu;

import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.confine.Tap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** QEMU's arguments for a machine. Pure: makes nothing and looks at nothing. */
final class QemuCommand {

    /** The serial port's name, by which the agent finds it. */
    private static final String LINK = "dev.fcvm.link";

    private QemuCommand() {}

    /**
     * Returns what follows the program's name, for a machine that boots.
     *
     * @param tap whether there is a {@linkplain Tap tap} for its card
     */
    static List<String> arguments(VmSpec spec, Accelerator accelerator, QemuPaths paths, boolean tap) {
        return arguments(spec, accelerator, paths, tap, Optional.empty());
    }

    /** Returns what follows the program's name, for a machine that stands still and goes on from where another was saved. */
    static List<String> restoring(VmSpec spec, Accelerator accelerator, QemuPaths paths, boolean tap) {
        return arguments(spec, accelerator, paths, tap, Optional.of(paths.incoming()));
    }

    private static List<String> arguments(
            VmSpec spec, Accelerator accelerator, QemuPaths paths, boolean tap, Optional<Path> incoming) {
        List<String> arguments = new ArrayList<>(List.of(
                "-name",
                "fcvm-" + spec.id().brief(),
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-no-reboot",
                // No new process, no other user, none of the system calls that are only there for the old.
                "-sandbox",
                "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                // ACPI, since Debian's kernels find virtio-mmio devices and switch off by it alone.
                "-machine",
                "microvm,acpi=on,rtc=on,auto-kernel-cmdline=off",
                // QEMU's own small firmware. The default, SeaBIOS, may put the ACPI tables at the top of memory, where
                // QEMU then puts the initramfs: the kernel finds no devices (seen with QEMU 10.0 and SeaBIOS 1.16.3).
                "-bios",
                "qboot.rom"));
        arguments.addAll(processor(accelerator));
        arguments.addAll(List.of(
                "-smp",
                Integer.toString(spec.vcpus()),
                "-m",
                spec.memoryMib() + "M",
                "-kernel",
                spec.kernel().toString(),
                "-initrd",
                spec.initramfs().toString(),
                "-append",
                String.join(" ", bootArguments(spec, accelerator)),
                "-chardev",
                // To standard output, which somebody always reads, whoever else is there or not.
                "stdio,id=console,signal=off",
                "-serial",
                "chardev:console",
                "-chardev",
                listening("link", paths.link()),
                "-device",
                "virtio-serial-device",
                "-device",
                "virtserialport,chardev=link,name=" + LINK,
                "-device",
                "virtio-rng-device"));
        paths.plan()
                .ifPresent(
                        plan -> arguments.addAll(List.of("-fw_cfg", "name=opt/dev.fcvm/plan,file=" + escaped(plan))));
        incoming.ifPresent(socket -> arguments.addAll(List.of("-S", "-incoming", "unix:" + escaped(socket))));
        for (int index = 0; index < spec.drives().size(); index++) {
            arguments.addAll(drive("disk" + index, spec.drives().get(index), spec.limits()));
        }
        if (tap) {
            arguments.addAll(List.of(
                    "-netdev",
                    "tap,id=card,ifname=" + Tap.NAME + ",script=no,downscript=no",
                    "-device",
                    "virtio-net-device,netdev=card,mac=" + Tap.GUEST_MAC));
        }
        // Last, so that the other sockets are there when this one is.
        arguments.addAll(
                List.of("-chardev", listening("control", paths.control()), "-mon", "chardev=control,mode=control"));
        return List.copyOf(arguments);
    }

    private static List<String> processor(Accelerator accelerator) {
        return switch (accelerator) {
            case Accelerator.Kvm() -> List.of("-accel", "kvm", "-cpu", "host");
            // The cache of translated code would else grow to a gigabyte; with 64 MiB, Podman's code does not fit and
            // each
            // run takes twice as long.
            // "Fast strings" are slow when each byte is emulated by itself: without them kernel and libc copy by words.
            case Accelerator.Software(var _) ->
                List.of("-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max,erms=off,fsrm=off");
        };
    }

    private static List<String> bootArguments(VmSpec spec, Accelerator accelerator) {
        List<String> arguments = new ArrayList<>(List.of("console=ttyS0", "reboot=t", "panic=-1"));
        if (accelerator instanceof Accelerator.Software(long tscKhz)) {
            arguments.addAll(List.of("tsc_early_khz=" + tscKhz, "tsc=reliable"));
        }
        arguments.addAll(spec.bootArguments());
        return arguments;
    }

    private static List<String> drive(String id, VmSpec.Drive drive, RateLimits limits) {
        // QEMU's own way when the host's disk is full, in words: the machine stops, and the write is done when it goes
        // on.
        // What a guest has flushed is in the host's page cache, which outlives QEMU; only a crash of the host loses it,
        // and syncing the host's disk for every flush costs more than anything else a container's start does.
        String access = drive.readOnly() ? "readonly=on" : "cache=unsafe,discard=unmap,werror=enospc";
        // Who may use a disk is fcvm's to say; QEMU's own locks would refuse the empty places of a machine that is to
        // be
        // saved, which are one file.
        return List.of(
                "-drive",
                "id=%s,file=%s,format=raw,file.locking=off,if=none,%s%s"
                        .formatted(id, escaped(drive.file()), access, throttling(limits)),
                "-device",
                "virtio-blk-device,drive=" + id);
    }

    /** One group for all disks: what is limited is the machine. */
    private static String throttling(RateLimits limits) {
        if (!limits.limitsDisks()) {
            return "";
        }
        var options = new StringBuilder(",throttling.group=machine");
        limits.diskBytesPerSecond()
                .ifPresent(bytes -> options.append(",throttling.bps-total=").append(bytes));
        limits.diskOperationsPerSecond()
                .ifPresent(
                        operations -> options.append(",throttling.iops-total=").append(operations));
        return options.toString();
    }

    private static String listening(String id, Path socket) {
        return "socket,id=%s,path=%s,server=on,wait=off".formatted(id, escaped(socket));
    }

    /** QEMU separates options by commas; one in a value is doubled. */
    private static String escaped(Path file) {
        return file.toString().replace(",", ",,");
    }
}
