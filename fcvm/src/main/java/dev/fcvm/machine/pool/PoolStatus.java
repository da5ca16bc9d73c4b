package dev.fcvm.machine.pool;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;

/**
 * How a pool stands, as its keeper has written it down last.
 *
 * @param ready how many machines are ready
 * @param used how many bytes of the host's memory they take
 * @param reason why there are fewer than there are to be; empty when there are not, or others come
 * @param machines their ids
 */
@Json
public record PoolStatus(int ready, long used, String reason, List<String> machines) {

    /** Of one that nobody keeps. */
    static final PoolStatus UNKEPT =
            new PoolStatus(0, 0, "no supervisor keeps it now; any fcvm command starts one", List.of());

    /** A damaged document lacks fields. */
    public PoolStatus {
        reason = Objects.requireNonNullElse(reason, "");
        machines = List.copyOf(Objects.requireNonNullElse(machines, List.of()));
    }
}
