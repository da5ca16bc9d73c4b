package dev.fcvm.host.nodes;

/**
 * A time of a file.
 *
 * @param seconds since 1970
 * @param nanos 0 to 999,999,999
 */
public record FileTime(long seconds, int nanos) {}
