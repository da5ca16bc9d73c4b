package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.image.ImageReference;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm image exists}. */
@Command(
        name = "exists",
        header = "Tell by the exit code whether an image is in the store.",
        description = "Exits with 0 when it is, and with 1 when it is not.")
public final class ImageExistsCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "IMAGE", description = "Its name, its id or the beginning of its id.")
    String image = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    ImageExistsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        try {
            ImageStores.open(new SettingsFlags().settings(context), context)
                    .inspect(ImageReference.parse(image, context::path));
            return 0;
        } catch (FcvmException none) {
            if (none.kind() != Kind.NOT_FOUND) {
                throw none;
            }
            return 1;
        }
    }
}
