package dev.fcvm.machine.disk;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.settings.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How large a machine's own disk is to be. No disk is larger than what the host's has free above its floor when the
 * machine starts: one machine alone can fill its own disk, but never the host's.
 */
public final class DiskPlan {

    /** Where nothing is said: enough for what most containers install, and a host's disk has room for several. */
    public static final DataSize STANDARD = new DataSize(4L << 30);

    /** With less than this most images' containers cannot do anything. */
    static final DataSize LEAST = new DataSize(256L << 20);

    private DiskPlan() {}

    /**
     * Returns the size.
     *
     * @param wanted what the user asked for
     * @param floor what must stay free
     * @param place where machines are kept
     * @throws FcvmException when there is no room for it
     */
    public static DataSize choose(Optional<DataSize> wanted, DataSize floor, Path place) throws FcvmException {
        try {
            return choose(wanted, floor, place, DiskUse.free(place));
        } catch (IOException e) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, e.getMessage() + ": check that the directory can be entered", e);
        }
    }

    static DataSize choose(Optional<DataSize> wanted, DataSize floor, Path place, long free) throws FcvmException {
        long room = free - floor.bytes();
        long needed = wanted.orElse(LEAST).bytes();
        if (room < needed) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    ("the disk of %s has no room for a machine: %s are free, of which %s must stay so"
                                    + " (FCVM_DISK_FLOOR), and the machine's disk may take %s: make room (fcvm rm,"
                                    + " fcvm image prune), %sor set FCVM_DATA_DIR to where there is space")
                            .formatted(
                                    place,
                                    new DataSize(free),
                                    floor,
                                    new DataSize(needed),
                                    wanted.isPresent() ? "give a smaller --disk-size, " : ""));
        }
        long size =
                wanted.orElse(new DataSize(Math.min(STANDARD.bytes(), room))).bytes();
        return new DataSize(size >> 20 << 20);
    }
}
