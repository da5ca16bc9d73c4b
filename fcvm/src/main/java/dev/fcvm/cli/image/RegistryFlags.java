package dev.fcvm.cli.image;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.Platform;
import dev.fcvm.image.RegistryOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Flags for talking to a registry, with Podman's meaning. */
public final class RegistryFlags {

    @Option(
            names = "--authfile",
            paramLabel = "FILE",
            description = "Take credentials from this file. Default: where podman login and docker login keep them.")
    @Nullable String authFile;

    @Option(
            names = "--tls-verify",
            arity = "0..1",
            paramLabel = "BOOL",
            fallbackValue = "true",
            preprocessor = AttachedOrTrue.class,
            description = "Trust registries with a valid certificate only. Default: true.")
    @Nullable Boolean tlsVerify;

    @Option(names = "--arch", paramLabel = "ARCH", description = "Take the image for this architecture.")
    @Nullable String architecture;

    @Option(names = "--variant", paramLabel = "VARIANT", description = "Take the image for this variant of it.")
    @Nullable String variant;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Take the image for this platform, for example linux/amd64. Default: this host's.")
    @Nullable String platform;

    /** Takes {@code --tls-verify=false} but not {@code --tls-verify false}, since what follows may be the image. */
    public static final class AttachedOrTrue implements IParameterPreprocessor {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's signature
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec argument, Map<String, Object> info) {
            if (" ".equals(info.get("separator"))) {
                arguments.push("true");
            }
            return false;
        }
    }

    /** Reads them. */
    RegistryOptions options(CommandContext context) throws FcvmException {
        Optional<Path> file = given(authFile).map(context::path);
        if (file.isPresent() && !Files.isRegularFile(file.get())) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--authfile is \"%s\", and there is no such file; make it with: skopeo login --authfile %s REGISTRY"
                            .formatted(authFile, authFile));
        }
        return new RegistryOptions(file, Optional.ofNullable(tlsVerify), wanted());
    }

    /** To Podman nothing is no value. */
    private static Optional<String> given(@Nullable String value) {
        return Optional.ofNullable(value).filter(text -> !text.isEmpty());
    }

    private Optional<Platform> wanted() throws FcvmException {
        Optional<String> arch = given(architecture);
        Optional<String> kind = given(variant);
        if (given(platform).isPresent() && (arch.isPresent() || kind.isPresent())) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--platform says all that --arch and --variant say; give one or the other");
        }
        if (given(platform).isPresent()) {
            return Optional.of(Platform.parse(given(platform).get()));
        }
        if (arch.isEmpty() && kind.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Platform.parse("linux/" + arch.orElse(Platform.host().architecture())
                + kind.map(text -> "/" + text).orElse("")));
    }
}
