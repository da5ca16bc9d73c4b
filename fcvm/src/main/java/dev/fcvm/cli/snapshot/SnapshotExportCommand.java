package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.PipedOutput;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.machine.SnapshotTransfer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm snapshot export}. */
@Command(
        name = "export",
        header = "Write a snapshot into one compressed file, to be imported on another host.",
        description =
                "The file holds the machine's memory and disk, its image and its root file system; with them every secret"
                        + " the machine was given. It can be imported where processor and monitor are the same.")
public final class SnapshotExportCommand implements Callable<Integer> {

    private final CommandContext context;
    private final Images images;

    @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "Its name.")
    String name = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The file, which must not be there yet. Default: standard output, unless that is a terminal.")
    @Nullable String output;

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotExportCommand(CommandContext context, Images images) {
        this.context = context;
        this.images = images;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        SnapshotTransfer transfer = images.transfer(new SettingsFlags().settings(context));
        if (output == null && context.outputIsTerminal()) {
            throw new FcvmException(
                    Kind.USAGE, "a snapshot is not written to a terminal; name a file with -o, or redirect the output");
        }
        return Interruptible.run(context, () -> {
            if (output == null) {
                PipedOutput.write(context, out -> transfer.write(name, out));
            } else {
                write(transfer, context.path(output));
            }
            return 0;
        });
    }

    private void write(SnapshotTransfer transfer, Path file) throws FcvmException {
        try (OutputStream made = create(file)) {
            boolean whole = false;
            try {
                transfer.write(name, made);
                whole = true;
            } finally {
                if (!whole) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot write " + file + ": " + IoReason.of(failure), failure);
        }
    }

    /** It holds secrets: for its owner alone. */
    private static OutputStream create(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.newOutputStream(file);
    }
}
