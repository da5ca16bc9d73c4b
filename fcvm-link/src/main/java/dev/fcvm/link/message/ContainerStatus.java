package dev.fcvm.link.message;

import java.util.Optional;

/**
 * What a guest has of a container when a host begins to talk with it.
 *
 * @param container its id
 * @param stdoutFrom the first byte of standard output that the guest still has, counted from the container's first
 * @param stdoutTo the one behind the last that it has
 * @param stderrFrom the same of standard error
 * @param stderrTo the same of standard error
 * @param exit how its run ended; empty while it runs
 */
public record ContainerStatus(
        String container, long stdoutFrom, long stdoutTo, long stderrFrom, long stderrTo, Optional<ExitRecord> exit) {}
