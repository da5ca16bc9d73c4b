package dev.fcvm.it.vmm;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A scratch disk for machines of the base that do something else besides: files that lie over the base's. */
final class BaseScratch {

    private BaseScratch() {}

    /** Makes one whose process 1 sets up as always and runs the agent, and this command of the shell. */
    static Path running(Place place, String command) throws IOException {
        Path tree = place.directory("scratch-tree");
        Path etc = Files.createDirectories(tree.resolve("root/upper/etc"));
        Files.writeString(etc.resolve("inittab"), """
                ::sysinit:/usr/lib/fcvm/init
                ::respawn:/usr/lib/fcvm/fc-agent
                ::once:/usr/lib/fcvm/busybox sh /etc/test
                """);
        Files.writeString(etc.resolve("test"), "bb=/usr/lib/fcvm/busybox\nexec >/dev/console 2>&1\n" + command);
        Child.of("chmod", "-R", "go+rX", tree.toString()).run().expect(0);
        Path disk = place.root().resolve("scratch.img");
        String line = "PATH=$PATH:/sbin:/usr/sbin; exec mke2fs -q -t ext4 -b 4096 -O ^has_journal -d \"$0\" \"$1\" 64M";
        Child.of("sh", "-c", line, tree.toString(), disk.toString()).run().expect(0);
        return disk;
    }

    /** Returns the disks of such a machine: the base's root and the scratch disk. */
    static List<VmSpec.Drive> drives(Path scratch) {
        return List.of(new VmSpec.Drive(Fcvm.base().resolve("rootfs.ext4"), true), new VmSpec.Drive(scratch, false));
    }
}
