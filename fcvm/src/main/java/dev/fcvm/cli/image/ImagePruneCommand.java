package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Consent;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageStore;
import dev.fcvm.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm image prune}. */
@Command(
        name = "prune",
        header = "Remove images that nobody uses.",
        description = "Removes images without a name, and what killed runs have left. Prints the id of each image.")
public final class ImagePruneCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-a", "--all"},
            description = "Remove images with a name as well, unless a machine uses them.")
    boolean all;

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask.")
    boolean force;

    @Mixin
    CommonFlags common = new CommonFlags();

    ImagePruneCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (!force && !agreed()) {
            return 0;
        }
        Settings settings = new SettingsFlags().settings(context);
        ImageStore store = ImageStores.open(settings, context);
        ImageUsers users = new ImageUsers(settings, context);
        return Interruptible.run(context, () -> {
            store.prune(all, users).forEach(context::print);
            return 0;
        });
    }

    private boolean agreed() {
        return Consent.given(
                context, "This removes all images %s.".formatted(all ? "that no machine uses" : "without a name"));
    }
}
