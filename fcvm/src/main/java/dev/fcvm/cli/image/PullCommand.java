package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.Progress;
import dev.fcvm.image.PullPolicy;
import dev.fcvm.image.RegistryOptions;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm pull}. */
@Command(
        name = "pull",
        header = "Fetch images and make store disks of them.",
        description = "Prints the id of each image. An image that is in the store already is not fetched again.",
        footer = {"", "Example: fcvm pull docker.io/library/alpine:3 oci-archive:image.tar"})
public final class PullCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    boolean quiet;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description =
                    "Ask the registry always, when the image is missing, for a newer one, or never. Default: always.")
    String policy = "always";

    @Mixin
    RegistryFlags registry = new RegistryFlags();

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Any reference skopeo takes, or a short name.")
    List<String> images = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public PullCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        List<ImageReference> references = new ArrayList<>();
        for (String image : images) {
            references.add(ImageReference.parse(image, context::path));
        }
        PullPolicy when = PullPolicy.parse(policy);
        RegistryOptions options = registry.options(context);
        Settings settings = new SettingsFlags().settings(context);
        ImageStore store = ImageStores.open(settings, context);
        return Interruptible.run(context, () -> {
            for (ImageReference reference : references) {
                Progress progress = ProgressBar.on(context, quiet);
                context.print(store.resolve(reference, when, options, progress).imageId());
            }
            return 0;
        });
    }
}
