package dev.fcvm.machine.pool;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * A pool as it is shown to the user.
 *
 * @param name what it is called
 * @param created when it was made, ISO 8601
 * @param snapshot the snapshot its machines go on from; empty where that is a warm base
 * @param mode rootless or privileged
 * @param size how many machines are to be ready
 * @param ready how many are
 * @param memory how many bytes of the host's memory they may take; 0 for half of what the host has available
 * @param used how many bytes they take
 * @param reason why there are fewer than there are to be; empty when there are not, or others come
 * @param machines their ids
 */
@Json
public record PoolView(
        String name,
        String created,
        String snapshot,
        String mode,
        int size,
        int ready,
        long memory,
        long used,
        String reason,
        List<String> machines) {

    public PoolView {
        machines = List.copyOf(machines);
    }

    static PoolView of(PoolRecord record, PoolStatus status) {
        return new PoolView(
                record.name(),
                record.created(),
                record.snapshot(),
                record.mode(),
                record.size(),
                status.ready(),
                record.memory(),
                status.used(),
                status.reason(),
                status.machines());
    }
}
