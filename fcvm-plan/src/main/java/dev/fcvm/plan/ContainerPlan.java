package dev.fcvm.plan;

import java.util.List;

/**
 * What Podman is to run.
 *
 * @param image the image's name or id in the store disk, as Podman is to be given it
 * @param options arguments of {@code podman run} that stand before the image, in order, already checked by the host;
 *     without the environment, which may be secret and comes over the link
 * @param command the container's command and its arguments; empty for the image's own
 * @param interactive whether standard input is passed on
 */
public record ContainerPlan(String image, List<String> options, List<String> command, boolean interactive) {

    public ContainerPlan {
        Checks.argument("container.image", image);
        if (image.isEmpty() || image.charAt(0) == '-') {
            throw new IllegalArgumentException("container.image: must name an image, not be empty or an option");
        }
        options = List.copyOf(options);
        command = List.copyOf(command);
        Checks.arguments("container.options", options);
        Checks.arguments("container.command", command);
    }
}
