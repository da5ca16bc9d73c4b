package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageStore;
import dev.fcvm.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm image prune}. */
@Command(
        name = "image",
        header = "Look after the store of images.",
        description = "prune removes images without a name, and what killed runs left behind.")
public final class ImageCommand implements Callable<Integer> {

    private final Surroundings surroundings;

    @Parameters(index = "0", paramLabel = "prune")
    String verb = "";

    @Option(
            names = {"-a", "--all"},
            description = "Remove every image no machine uses.")
    boolean all;

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask; fcvm never asks, as scripts want it.")
    boolean force;

    @Mixin
    CommonFlags common = new CommonFlags();

    ImageCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (!verb.equals("prune")) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "fcvm image \"%s\" is unknown: there is fcvm image prune".formatted(verb));
        }
        Settings settings = new SettingsFlags().settings(surroundings.environment());
        ImageStore.open(settings.directories().store(), surroundings.environment())
                .prune(all, id -> false)
                .forEach(surroundings::print);
        return 0;
    }
}
