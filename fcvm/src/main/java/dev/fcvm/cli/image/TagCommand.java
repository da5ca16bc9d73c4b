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

/** {@code fcvm tag}. */
@Command(
        name = "tag",
        header = "Give an image in the store more names.",
        description = "A name without a registry is one of localhost's, as with Podman.")
public final class TagCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Its name, its id or the beginning of its id.")
    String image = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "NAME", description = "The names.")
    List<String> names = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public TagCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        ImageStores.open(new SettingsFlags().settings(context), context)
                .tag(ImageReference.parse(image, context::path), names);
        return 0;
    }
}
