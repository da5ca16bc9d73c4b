package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
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
        header = "Fetch images and make their store disks.",
        description = "Prints each image's id. Takes any reference skopeo takes, and short names as Podman does.")
public final class PullCommand implements Callable<Integer> {

    private final Surroundings surroundings;

    @Mixin
    RegistryFlags registry = new RegistryFlags();

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description = "always, missing, newer or never. Default: always.")
    String policy = "always";

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    boolean quiet;

    @Mixin
    CommonFlags common = new CommonFlags();

    @Parameters(arity = "1..*", paramLabel = "IMAGE")
    List<String> images = new ArrayList<>();

    PullCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(surroundings.environment());
        var options = new ImageOptions();
        options.registry = registry;
        options.pull = policy;
        for (String image : images) {
            surroundings.print(options.source(settings, image, surroundings, quiet)
                    .resolve()
                    .imageId());
        }
        return 0;
    }
}
