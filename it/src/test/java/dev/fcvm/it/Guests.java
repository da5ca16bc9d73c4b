package dev.fcvm.it;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Guests that do not what they should. */
final class Guests {

    private Guests() {}

    /** Makes an initramfs whose init mounts what a shell needs, loads nothing, and runs this script. */
    static Path initramfs(Place place, String script) {
        try {
            Path tree = place.directory("tree");
            Files.createDirectories(tree.resolve("bin"));
            Files.copy(Path.of("/bin/busybox"), tree.resolve("bin/busybox"));
            Path init = Files.writeString(
                    tree.resolve("init"),
                    "#!/bin/busybox sh\n/bin/busybox --install -s /bin; export PATH=/bin\nmkdir -p /proc /sys /dev\n"
                            + "mount -t devtmpfs none /dev; exec > /dev/ttyS0 2>&1\n" + script + "\n");
            init.toFile().setExecutable(true);
            Child.of("bash", "-c", "find . | cpio --quiet -o -H newc | gzip > ../initramfs.img")
                    .in(tree)
                    .run()
                    .expect(0);
            return place.root().resolve("initramfs.img");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
