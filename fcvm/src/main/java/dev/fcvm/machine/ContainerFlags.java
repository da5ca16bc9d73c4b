package dev.fcvm.machine;

import java.util.List;
import java.util.Optional;

/**
 * The flags of {@code podman run} that are carried out by Podman in the guest, as the user gave them.
 *
 * @param workdir {@code --workdir}
 * @param user {@code --user}
 * @param entrypoint {@code --entrypoint}; empty text for none
 * @param labels {@code --label} and the lines of {@code --label-file}
 * @param readOnly {@code --read-only}
 * @param tmpfs {@code --tmpfs}
 * @param capAdd {@code --cap-add}
 * @param capDrop {@code --cap-drop}
 * @param privileged {@code --privileged}
 * @param podmanArguments {@code --podman-arg}
 */
public record ContainerFlags(
        Optional<String> workdir,
        Optional<String> user,
        Optional<String> entrypoint,
        List<String> labels,
        boolean readOnly,
        List<String> tmpfs,
        List<String> capAdd,
        List<String> capDrop,
        boolean privileged,
        List<String> podmanArguments) {

    public ContainerFlags {
        labels = List.copyOf(labels);
        tmpfs = List.copyOf(tmpfs);
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
        podmanArguments = List.copyOf(podmanArguments);
    }
}
