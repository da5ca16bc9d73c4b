package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.named.VolumeArchives;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume import}. */
@Command(
        name = "import",
        header = "Put what is in a tar archive into a volume, over what is there.",
        description = "The volume must be there, and no machine have it. All of it is imported, or nothing.")
public final class VolumeImportCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(index = "0", paramLabel = "VOLUME", description = "Its name.")
    String volume = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE|-",
            description = "The archive, maybe compressed by gzip. Default: standard input.")
    String source = "-";

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeImportCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        var archives = new VolumeArchives(Volumes.store(context));
        VolumeName name = VolumeName.parse(volume);
        try (InputStream in = source.equals("-")
                ? Channels.newInputStream(context.input())
                : Files.newInputStream(context.path(source))) {
            archives.read(name, in, Volumes.settings(context).diskFloor());
        } catch (IOException failure) {
            throw new FcvmException(Kind.USAGE, "cannot read " + source + ": " + IoReason.of(failure), failure);
        }
        return 0;
    }
}
