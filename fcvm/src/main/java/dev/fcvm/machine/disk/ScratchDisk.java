package dev.fcvm.machine.disk;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.Tool;
import dev.fcvm.settings.DataSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A machine's own disk: a sparse file with an empty ext4 file system. */
public final class ScratchDisk {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** A machine that is thrown away with its container needs no journal; one that is kept may be killed, and go on. */
    private static final String WITHOUT_JOURNAL = "^has_journal,^resize_inode";

    private static final String WITH_JOURNAL = "has_journal,^resize_inode";

    /** In MiB; enough for one container, and small beside what it writes. */
    private static final List<String> JOURNAL_SIZE = List.of("-J", "size=16");

    private ScratchDisk() {}

    /**
     * Makes it. Nothing is written but what ext4 needs to begin with, some 200 KiB, whatever the size: as quick as
     * copying a template.
     *
     * @param keep whether it must be of use again after a machine that was killed while it wrote
     */
    public static void make(Path file, DataSize size, MachineId machine, boolean keep)
            throws FcvmException, InterruptedException {
        // Inode tables and the journal stay holes until they are written to.
        Tool.Result result = Tool.named("mke2fs", "e2fsprogs")
                .with("-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0", "-L", "fcvm-scratch")
                .with("-O", keep ? WITH_JOURNAL : WITHOUT_JOURNAL)
                .with("-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard")
                .with(keep ? JOURNAL_SIZE : List.of())
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
