package dev.fcvm.vmm;

import dev.fcvm.host.MachineId;
import java.nio.file.Path;
import java.util.List;

/** Specifications of machines for tests that boot none. */
public final class TestSpecs {

    private TestSpecs() {}

    /** Returns one with two disks. */
    public static VmSpec twoDisks() {
        return new VmSpec(
                new MachineId("0123456789abcdef0123456789abcdef"),
                Path.of("/data/m"),
                Path.of("/run/m"),
                Path.of("/base/vmlinux"),
                Path.of("/base/initramfs.img"),
                List.of("quiet", "fcvm.init=tiny"),
                2,
                512,
                List.of(
                        new VmSpec.Drive(Path.of("/base/root,fs.ext4"), true),
                        new VmSpec.Drive(Path.of("/data/m/scratch.ext4"), false)),
                "{}",
                VmSpec.Isolation.ROOTLESS);
    }
}
