package dev.fcvm.agent;

import dev.fcvm.link.message.TerminalSize;
import java.util.List;
import java.util.Optional;

/**
 * What the agent is to start.
 *
 * @param container the host's name for it, by which all later calls and events know it: 1 to 64 letters, digits, dots,
 *     dashes and underscores
 * @param plan the plan's JSON where the machine has no other way to it, else empty
 * @param environment {@code NAME=VALUE}; of no use when it is started again
 * @param secrets what it finds in files, to be said again when it is started again
 * @param again whether it is on the scratch disk already, from an earlier boot of the machine ({@code podman start})
 * @param terminal the size of the terminal it is to have; empty for none. To be said again when it is started again
 * @param outputLimit the most bytes of each output that the guest keeps while no host takes them; beyond it the oldest are
 *     dropped
 */
public record ContainerStart(
        String container,
        String plan,
        List<String> environment,
        List<SecretFile> secrets,
        boolean again,
        Optional<TerminalSize> terminal,
        long outputLimit) {

    /** What is kept where nobody says otherwise: 10 MB, as of the log. */
    public static final long OUTPUT_LIMIT = 10_000_000;

    /** Copies the lists. */
    public ContainerStart {
        environment = List.copyOf(environment);
        secrets = List.copyOf(secrets);
    }
}
