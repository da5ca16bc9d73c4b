package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ResolvedImage;
import dev.fcvm.settings.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags for where the image comes from. */
public final class ImageOptions {

    @Option(names = "--pull", paramLabel = "POLICY", description = "always, missing, newer or never.")
    @Nullable String pull;

    ResolvedImage resolve(Settings settings, String image, Surroundings surroundings, boolean quiet)
            throws FcvmException {
        String disk = surroundings.environment().getOrDefault("FCVM_DEV_DISK", "");
        return new ResolvedImage(Path.of(disk), "sha256:0", image);
    }
}
