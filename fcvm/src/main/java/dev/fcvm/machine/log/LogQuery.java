package dev.fcvm.machine.log;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What of a log is wanted, as {@code podman logs} understands it.
 *
 * @param since only lines of this time or later
 * @param until only lines of this time or earlier
 * @param tail only so many lines of those that are there already, the last
 * @param timestamps whether each line begins with its time
 */
public record LogQuery(Optional<Instant> since, Optional<Instant> until, OptionalLong tail, boolean timestamps) {

    /** Everything. */
    public static final LogQuery ALL = new LogQuery(Optional.empty(), Optional.empty(), OptionalLong.empty(), false);
}
