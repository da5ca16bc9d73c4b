package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.PipedOutput;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.named.VolumeArchives;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume export}. */
@Command(
        name = "export",
        header = "Write what is in a volume, as a tar archive.",
        description =
                "Owners, times, extended attributes, links and holes are kept. A machine that may write to it is in"
                        + " the way.")
public final class VolumeExportCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where. Default: standard output.")
    @Nullable String output;

    @Parameters(paramLabel = "VOLUME", description = "Its name.")
    String volume = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeExportCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        var archives = new VolumeArchives(Volumes.store(context));
        VolumeName name = VolumeName.parse(volume);
        if (output == null) {
            if (context.outputIsTerminal()) {
                throw new FcvmException(
                        Kind.USAGE, "an archive is nothing for a terminal; use --output FILE, or a pipe");
            }
            PipedOutput.write(context, out -> archives.write(name, out));
            return 0;
        }
        Path file = context.path(output);
        try (OutputStream out = Files.newOutputStream(file)) {
            archives.write(name, out);
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot write " + file + ": " + IoReason.of(failure), failure);
        }
        return 0;
    }
}
