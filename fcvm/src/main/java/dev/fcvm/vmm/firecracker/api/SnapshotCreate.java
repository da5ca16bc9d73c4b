package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a paused machine to two files, and both to the disk. What the machine's own disks hold is the caller's to keep.
 *
 * @param snapshotPath the devices' state; replaced
 * @param memFilePath the memory; a file of the same size is written into, so a diff may be laid on what it builds on
 * @param snapshotType {@code Full} when left out
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record SnapshotCreate(String snapshotPath, String memFilePath, Optional<Type> snapshotType)
        implements ApiCall.Put {

    /** Memory goes to the disk at the disk's speed. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Override
    public String path() {
        return "/snapshot/create";
    }

    @Override
    public String purpose() {
        return "write the snapshot " + snapshotPath;
    }

    @Override
    public Set<KnownFault> faults() {
        return snapshotType.equals(Optional.of(Type.DIFF)) ? Set.of(KnownFault.DIFF_CORRUPT) : Set.of();
    }

    @Override
    public Duration patience() {
        return PATIENCE;
    }

    /** How much of the memory is written. */
    public enum Type {
        FULL,
        /** What was written since the last snapshot, or, if dirty pages are not tracked, what was ever touched. */
        DIFF;

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return Words.of(this);
        }
    }
}
