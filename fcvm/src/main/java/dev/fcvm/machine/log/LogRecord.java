package dev.fcvm.machine.log;

import java.time.Instant;
import java.util.Optional;

/** What a container wrote at once, or a part of it; or that it was started. */
public final class LogRecord {

    private final Instant time;
    private final Optional<Output> output;
    private final byte[] bytes;

    /** Takes the bytes over. */
    LogRecord(Instant time, Optional<Output> output, byte[] bytes) {
        this.time = time;
        this.output = output;
        this.bytes = bytes;
    }

    /** Returns when it reached the host. */
    public Instant time() {
        return time;
    }

    /** Returns where the container wrote it; nothing when it was started here. */
    public Optional<Output> output() {
        return output;
    }

    /** Returns what it wrote; not a copy, and not to be changed. */
    public byte[] bytes() {
        return bytes;
    }
}
