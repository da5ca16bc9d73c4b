package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.image.ImageForm;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.ImageSummary;
import dev.fcvm.image.PullPolicy;
import dev.fcvm.image.RegistryOptions;
import dev.fcvm.image.StoreDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm load}. */
@Command(
        name = "load",
        header = "Put the image in an archive into the store.",
        description =
                "An archive as docker save, podman save and buildah write it, or a directory of that form. The same as"
                        + " fcvm pull docker-archive:FILE or oci-archive:FILE, without the need to know which it is.")
public final class LoadCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "Where it is. Default: standard input, which must be a file.")
    String input = "/dev/stdin";

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    boolean quiet;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public LoadCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Path file = file();
        String reference = ImageForm.of(file).prefix() + RawPaths.text(file);
        ImageStore store = ImageStores.open(new SettingsFlags().settings(context), context);
        return Interruptible.run(context, () -> {
            StoreDisk disk = store.resolve(
                    ImageReference.parse(reference, Path::of),
                    PullPolicy.ALWAYS,
                    RegistryOptions.defaults(),
                    ProgressBar.on(context, quiet));
            List<String> names = store.list().stream()
                    .filter(summary -> summary.image().id().equals(disk.imageId()))
                    .map(ImageSummary::tags)
                    .flatMap(List::stream)
                    .map(Object::toString)
                    .toList();
            (names.isEmpty() ? List.of("sha256:" + disk.imageId()) : names)
                    .forEach(name -> context.print("Loaded image: " + name));
            return 0;
        });
    }

    private Path file() throws FcvmException {
        Path named = context.path(input);
        try {
            Path real = named.toRealPath();
            if (Files.isDirectory(real) || Files.isRegularFile(real)) {
                return real;
            }
        } catch (IOException failure) {
            if (!input.equals("/dev/stdin")) {
                throw new FcvmException(Kind.USAGE, "cannot load " + input + ": " + IoReason.of(failure), failure);
            }
        }
        throw new FcvmException(
                Kind.USAGE,
                input.equals("/dev/stdin")
                        ? "standard input is no file; name one: fcvm load -i FILE"
                        : "cannot load " + input + ": it is neither a file nor a directory");
    }
}
