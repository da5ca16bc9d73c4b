package dev.fcvm.image;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a registry is talked to.
 *
 * @param authFile a file with credentials, as {@code podman login --authfile} makes it; else where Podman and docker
 *     keep them
 * @param verifyTls whether its certificate must be trusted; else as registries.conf says, which is yes
 * @param platform what the image must be made for; else it should be for this host
 */
public record RegistryOptions(Optional<Path> authFile, Optional<Boolean> verifyTls, Optional<Platform> platform) {

    /** Returns those of a user who gave no flag. */
    public static RegistryOptions defaults() {
        return new RegistryOptions(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Returns whether an image made for this will do: any, as with Podman, unless a platform is asked for. */
    boolean takes(Platform image) {
        return platform.isEmpty() || image.suits(platform.get());
    }

    /** Returns what the image should be made for. */
    Platform wanted() {
        return platform.orElseGet(Platform::host);
    }
}
