package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.ImageSummary;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fcvm rmi}. */
@Command(
        name = "rmi",
        header = "Remove images.",
        description = "Takes a name away, and with its last name the image and its store disk.")
public final class RmiCommand implements Callable<Integer> {

    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Option(
            names = {"-f", "--force"},
            description = "Remove an image with several names, or that a machine uses; be content when there is none.")
    boolean force;

    @Option(
            names = {"-a", "--all"},
            description = "Remove all images.")
    boolean all;

    @Option(
            names = {"-i", "--ignore"},
            description = "Be content when there is no such image.")
    boolean ignore;

    @Parameters(arity = "0..*", paramLabel = "IMAGE", description = "Its name, its id or the beginning of its id.")
    List<String> images = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public RmiCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (all == !images.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "images must be named, or --all given, and not both");
        }
        Settings settings = new SettingsFlags().settings(context);
        ImageStore store = ImageStores.open(settings, context);
        ImageUsers users = new ImageUsers(settings, context);
        return Interruptible.run(context, () -> {
            int code = 0;
            for (String image : all ? ids(store) : images) {
                try {
                    store.remove(ImageReference.parse(image, context::path), force || all, force, users)
                            .forEach(context::print);
                } catch (FcvmException failure) {
                    if (failure.kind() != FcvmException.Kind.NOT_FOUND || !(force || ignore)) {
                        context.complain("Error: " + failure.getMessage());
                        // Podman's: 1 where nothing else is wrong than that there is no such image.
                        code = failure.kind() == FcvmException.Kind.NOT_FOUND
                                ? Math.max(code, 1)
                                : failure.kind().exitCode();
                    }
                }
            }
            return code;
        });
    }

    private static List<String> ids(ImageStore store) throws FcvmException, InterruptedException {
        return store.list().stream()
                .map(ImageSummary::image)
                .map(image -> image.id())
                .toList();
    }
}
