package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm rmi}. */
@Command(name = "rmi", header = "Remove images from the store.")
public final class RmiCommand implements Callable<Integer> {

    private final Surroundings surroundings;

    @Option(
            names = {"-f", "--force"},
            description = "Remove them with all their names.")
    boolean force;

    @Mixin
    CommonFlags common = new CommonFlags();

    @Parameters(arity = "1..*", paramLabel = "IMAGE")
    List<String> images = new ArrayList<>();

    RmiCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(surroundings.environment());
        ImageStore store = ImageStore.open(settings.directories().store(), surroundings.environment());
        for (String image : images) {
            store.remove(ImageReference.parse(image), force, id -> false).forEach(surroundings::print);
        }
        return 0;
    }
}
