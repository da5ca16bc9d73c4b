package dev.fcvm.machine.pool;

import java.util.Optional;

/**
 * What {@code fcvm pool create} was asked for.
 *
 * @param name what it is to be called
 * @param snapshot what its machines go on from
 * @param size how many are to be ready
 * @param memory how many bytes of the host's memory they may take together
 */
public record PoolRequest(String name, String snapshot, int size, Optional<Long> memory) {}
