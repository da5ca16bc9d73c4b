package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.Progress;
import dev.fcvm.image.PullPolicy;
import dev.fcvm.image.RegistryOptions;
import dev.fcvm.image.StoreDisk;
import dev.fcvm.machine.ResolvedImage;
import dev.fcvm.settings.Settings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags for where the image comes from. */
public final class ImageOptions {

    @Option(
            names = "--pull",
            arity = "0..1",
            fallbackValue = "always",
            paramLabel = "POLICY",
            description = "Fetch the image: always, missing, newer or never. Default: missing.")
    String pull = "missing";

    @Mixin
    RegistryFlags registry = new RegistryFlags();

    /** Checks everything that can be checked before anything is touched, and returns what will find the image. */
    ResolvedImage.Source source(Settings settings, String image, Surroundings surroundings, boolean quiet)
            throws FcvmException {
        ImageReference reference = ImageReference.parse(image);
        PullPolicy policy = PullPolicy.parse(pull);
        RegistryOptions options = registry.options();
        ImageStore store = ImageStore.open(settings.directories().store(), surroundings.environment());
        Progress progress = quiet || !surroundings.errorIsTerminal()
                ? Progress.silent()
                : new TerminalProgress(surroundings.error());
        return () -> {
            StoreDisk disk = store.resolve(reference, policy, options, progress);
            return new ResolvedImage(disk.file(), disk.digest(), disk.imageId());
        };
    }
}
