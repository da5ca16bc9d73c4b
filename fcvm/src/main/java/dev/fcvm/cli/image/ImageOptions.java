package dev.fcvm.cli.image;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.Lease;
import dev.fcvm.image.Progress;
import dev.fcvm.image.PullPolicy;
import dev.fcvm.image.RegistryOptions;
import dev.fcvm.image.StoreDisk;
import dev.fcvm.machine.spec.Readiness;
import dev.fcvm.machine.spec.ResolvedImage;
import dev.fcvm.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags for where the image comes from. Holds the lease on it until it is closed. */
public final class ImageOptions implements AutoCloseable {

    @Option(
            names = "--pull",
            paramLabel = "POLICY",
            description = "Fetch the image always, when it is missing, when the registry has a newer one, or never."
                    + " Default: missing.")
    String pull = "missing";

    @Mixin
    RegistryFlags registry = new RegistryFlags();

    private @Nullable Lease lease;

    /** Refuses a reference or a flag that makes no sense, before anything is touched. */
    public void check(String image, CommandContext context) throws FcvmException {
        ImageReference.parse(image, context::path);
        policy();
        registry.options(context);
    }

    /** To Podman nothing is no policy. */
    private PullPolicy policy() throws FcvmException {
        return PullPolicy.parse(pull.isEmpty() ? "missing" : pull);
    }

    /** Finds the image, fetching it when that is needed and wanted, and takes a lease on it. */
    public ResolvedImage resolve(Settings settings, String image, CommandContext context, boolean quiet)
            throws FcvmException, InterruptedException {
        ImageReference reference = ImageReference.parse(image, context::path);
        PullPolicy policy = policy();
        RegistryOptions options = registry.options(context);
        ImageStore store = ImageStores.open(settings, context);
        Progress progress = ProgressBar.on(context, quiet);
        StoreDisk disk = store.resolve(reference, policy, options, progress);
        lease = store.lease(disk);
        return new ResolvedImage(
                disk.file(),
                disk.digest(),
                disk.imageId(),
                !disk.config().entrypoint().isEmpty(),
                !disk.config().command().isEmpty(),
                disk.config().stopSignal(),
                disk.config().exposedPorts(),
                disk.config().healthOptions(),
                disk.config().labels().getOrDefault(Readiness.LABEL, ""));
    }

    @Override
    public void close() {
        try {
            if (lease != null) {
                lease.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give up the lease on the image", e);
        }
    }
}
