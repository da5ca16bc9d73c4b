package dev.fcvm.machine.ready;

/**
 * How a check of a container's health ended.
 *
 * @param code 0 when it is healthy, 1 when it is not, 125 when it could not be checked; as podman healthcheck run
 * @param word Podman's for what it is, such as {@code unhealthy}
 */
public record HealthVerdict(int code, String word) {}
