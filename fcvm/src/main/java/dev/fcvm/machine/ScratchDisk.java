package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Tool;
import java.nio.file.Path;
import java.time.Duration;

/** A machine's own disk: a sparse copy of the base's template. */
final class ScratchDisk {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private ScratchDisk() {}

    /** Copies only what is written in the template; shares even that where the file system can. */
    static void copy(Path template, MachineFiles files) throws FcvmException, InterruptedException {
        Tool.Result result = Tool.named("cp", "coreutils")
                .with(
                        "--sparse=always",
                        "--reflink=auto",
                        "--",
                        template.toString(),
                        files.scratch().toString())
                .withVariable("FCVM_MACHINE_ID", files.id().value())
                .within(PATIENCE)
                .run();
        if (!result.succeeded()) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot make the scratch disk " + files.scratch() + ": " + result.lastWords()
                            + "; look at the disk space there");
        }
    }
}
