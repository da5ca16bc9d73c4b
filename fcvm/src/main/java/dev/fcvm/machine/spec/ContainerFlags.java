package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.RawText;
import dev.fcvm.machine.podman.PodmanArgument;
import dev.fcvm.machine.podman.RunFlags;
import dev.fcvm.machine.podman.Translation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
 * @param podmanFlags flags that only Podman reads, each joined to its value and found good
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
        List<String> podmanFlags,
        List<String> podmanArguments) {

    public ContainerFlags {
        workdir = workdir.map(RawText::replaced);
        user = user.map(RawText::replaced);
        entrypoint = entrypoint.map(RawText::replaced);
        labels = RawText.replaced(labels);
        tmpfs = RawText.replaced(tmpfs);
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
        podmanFlags = RawText.replaced(podmanFlags);
        podmanArguments = RawText.replaced(podmanArguments);
    }

    /** Returns the values that were given to a flag that only Podman reads, whichever way it was given. */
    List<String> podmanValues(String flag) {
        return Translation.values(
                Stream.concat(podmanFlags.stream(), podmanArguments.stream()).toList(), flag);
    }

    /** Returns the ports to publish with {@code --publish-all}. */
    public List<String> exposing(List<String> imagesPorts) {
        Stream<String> flags = podmanValues("--expose").stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .filter(value -> !value.isEmpty());
        return Stream.concat(imagesPorts.stream(), flags).distinct().toList();
    }

    /**
     * Refuses what cannot be, before anything is touched.
     *
     * @param hostname {@code --hostname}
     * @throws FcvmException with the reason
     */
    public void check(Optional<String> hostname) throws FcvmException {
        if (!podmanArguments.isEmpty()) {
            var judge = new PodmanArgument(RunFlags.load());
            for (String argument : podmanArguments) {
                judge.check(argument);
            }
        }
        if (sharesHostname() && hostname.isPresent()) {
            // Podman's own answer.
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "cannot set hostname when running in the host UTS namespace; leave out --uts=host or --hostname");
        }
    }

    /** Returns whether the container has its machine's host name, rather than the same one of its own. */
    boolean sharesHostname() {
        List<String> modes = podmanValues("--uts");
        return !modes.isEmpty() && modes.getLast().equals("host");
    }
}
