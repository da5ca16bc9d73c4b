package dev.fcvm.image;

import dev.fcvm.host.user.StrangersMap;
import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an image says about how its container is to be run, as in the OCI image configuration. An absent list, map or
 * text is empty.
 *
 * @param entrypoint the program and its first arguments
 * @param command what follows them, unless the user gives something else
 * @param environment NAME=VALUE each
 * @param workingDirectory where the program starts
 * @param user a name or a number, perhaps with a group
 * @param exposedPorts for example {@code 80/tcp}
 * @param volumes directories that want to be volumes
 * @param stopSignal for example {@code SIGQUIT}
 * @param labels the image's labels
 * @param healthcheck how its container's health is to be checked; null when it does not say
 */
@Json
public record ImageConfig(
        List<String> entrypoint,
        List<String> command,
        List<String> environment,
        String workingDirectory,
        String user,
        List<String> exposedPorts,
        List<String> volumes,
        String stopSignal,
        Map<String, String> labels,
        @Nullable ImageHealthcheck healthcheck) {

    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        exposedPorts = List.copyOf(exposedPorts);
        volumes = List.copyOf(volumes);
        labels = StrangersMap.copyOf(labels);
    }

    /** Returns how its container's health is to be checked, as flags of {@code podman run}; none when it is not. */
    public List<String> healthOptions() {
        return healthcheck == null ? List.of() : healthcheck.options();
    }
}
