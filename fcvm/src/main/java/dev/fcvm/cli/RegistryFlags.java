package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.Platform;
import dev.fcvm.image.RegistryOptions;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags for how a registry is talked to; their meaning is Podman's. */
final class RegistryFlags {

    @Option(
            names = "--authfile",
            paramLabel = "FILE",
            description = "Credentials. Default: where Podman and docker keep them.")
    @Nullable String authFile;

    @Option(
            names = "--tls-verify",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Require HTTPS and a trusted certificate. Default: as registries.conf says, else true.")
    @Nullable Boolean verifyTls;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Choose this platform of an image. Default: the host's.")
    @Nullable String platform;

    @Option(names = "--arch", paramLabel = "ARCH", description = "Choose this architecture of an image.")
    @Nullable String architecture;

    RegistryOptions options() throws FcvmException {
        String wanted = platform != null ? platform : architecture;
        return new RegistryOptions(
                Optional.ofNullable(authFile).map(Path::of),
                Optional.ofNullable(verifyTls),
                wanted == null ? Optional.empty() : Optional.of(Platform.parse(wanted)));
    }
}
