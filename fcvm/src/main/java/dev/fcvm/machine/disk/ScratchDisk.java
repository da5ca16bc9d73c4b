package dev.fcvm.machine.disk;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Tool;
import dev.fcvm.settings.DataSize;
import java.nio.file.Path;
import java.time.Duration;

/** A machine's own disk: a sparse file with an empty ext4 file system. */
public final class ScratchDisk {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private ScratchDisk() {}

    /**
     * Makes it. Nothing is written but what ext4 needs to begin with, some 200 KiB, whatever the size: as quick as
     * copying a template.
     */
    public static void make(Path file, DataSize size, MachineId machine) throws FcvmException, InterruptedException {
        // No journal: a scratch disk is thrown away, or the guest is synced before it is kept. Inode tables stay holes.
        Tool.Result result = Tool.named("mke2fs", "e2fsprogs")
                .with("-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0", "-L", "fcvm-scratch")
                .with("-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard")
                .with("--", file.toString(), (size.bytes() >> 10) + "k")
                .withVariable("FCVM_MACHINE_ID", machine.value())
                .within(PATIENCE)
                .run();
        if (!result.succeeded()) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot make the scratch disk " + file + ": " + result.lastWords()
                            + "; look at the disk space there");
        }
    }
}
