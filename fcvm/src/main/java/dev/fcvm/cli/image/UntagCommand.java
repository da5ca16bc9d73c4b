package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm untag}. */
@Command(
        name = "untag",
        header = "Take names away from an image in the store.",
        description = "Without a NAME all of them. The image stays, also without a name.")
public final class UntagCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Its name, its id or the beginning of its id.")
    String image = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME", description = "The names.")
    List<String> names = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public UntagCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        ImageStores.open(new SettingsFlags().settings(context), context)
                .untag(ImageReference.parse(image, context::path), names);
        return 0;
    }
}
