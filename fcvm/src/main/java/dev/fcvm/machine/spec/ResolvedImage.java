package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import java.nio.file.Path;
import java.util.List;

/**
 * An image that can be attached to a machine.
 *
 * @param storeDisk its store disk
 * @param digest the digest of its manifest
 * @param imageId by what Podman in the guest knows it
 * @param entrypoint whether it has one
 * @param command whether it has one
 * @param stopSignal by what it wants to be told to end, such as {@code SIGINT}; empty for SIGTERM
 * @param exposedPorts what it says of its ports, such as {@code 80/tcp}
 * @param health how its container's health is to be checked, as flags of {@code podman run}; empty for not at all
 * @param readyFile the value of its label {@value Readiness#LABEL}; empty for none
 */
public record ResolvedImage(
        Path storeDisk,
        String digest,
        String imageId,
        boolean entrypoint,
        boolean command,
        String stopSignal,
        List<String> exposedPorts,
        List<String> health,
        String readyFile) {

    public ResolvedImage {
        exposedPorts = List.copyOf(exposedPorts);
        health = List.copyOf(health);
    }

    /** Finds the image, fetching it when that is needed and wanted. */
    @FunctionalInterface
    public interface Source {

        /** Blocks until the store disk is there. */
        ResolvedImage resolve() throws FcvmException, InterruptedException;
    }
}
