package dev.fcvm.image.bounds;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.settings.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The room there is for an image where it is made. Asking is cheap: what has been written is told from what is free; only
 * when that is suspicious, since others write as well, it is counted.
 */
public final class Room {

    /** A disk without a few files more is one on which nothing works any more. */
    private static final long FEWEST_INODES = 10_000;

    private final Path work;
    private final Path store;
    private final String label;
    private final ImageBounds bounds;
    private long freeAtFirst;
    private long inodesAtFirst;

    /** Counts what is there. */
    public interface Count {
        /** Returns it. */
        long count() throws FcvmException, InterruptedException;
    }

    /**
     * Measures from now on.
     *
     * @param work where it is made
     * @param store for messages
     * @param label the image as the user knows it
     */
    public Room(Path work, Path store, String label, ImageBounds bounds) throws IOException {
        this.work = work;
        this.store = store;
        this.label = label;
        this.bounds = bounds;
        this.freeAtFirst = DiskUse.free(work);
        this.inodesAtFirst = DiskUse.freeInodes(work);
    }

    /** Returns how much may be written before the floor is reached. */
    public long left() throws IOException {
        return Math.max(0, DiskUse.free(work) - bounds.floor().bytes());
    }

    /** Returns why nothing more may be written, if that is so. */
    public Optional<FcvmException> full() throws IOException {
        long free = DiskUse.free(work);
        if (free < bounds.floor().bytes()) {
            return refused(
                    Kind.HOST,
                    "there is too little space in %s: %s are free, and %s must stay so (FCVM_DISK_FLOOR): make room, or set FCVM_DATA_DIR"
                            .formatted(store, new DataSize(free), bounds.floor()));
        }
        boolean few = bounds.floor().bytes() > 0 && DiskUse.freeInodes(work) < FEWEST_INODES;
        return few && inodesAtFirst >= FEWEST_INODES
                ? refused(
                        Kind.HOST,
                        "the disk of %s can hold hardly any more files (see df -i): make room, or set FCVM_DATA_DIR"
                                .formatted(store))
                : Optional.empty();
    }

    /** Returns why what was unpacked so far is no image, if that is so. */
    public Optional<FcvmException> overfilled(long mostBytes, Count bytes, Count files)
            throws FcvmException, IOException, InterruptedException {
        if (freeAtFirst - DiskUse.free(work) > mostBytes) {
            long counted = bytes.count();
            if (counted > mostBytes) {
                return tooLarge(mostBytes);
            }
            freeAtFirst = DiskUse.free(work) + counted;
        }
        if (inodesAtFirst - DiskUse.freeInodes(work) > bounds.mostFiles()) {
            long counted = files.count();
            if (counted > bounds.mostFiles()) {
                return tooMany();
            }
            inodesAtFirst = DiskUse.freeInodes(work) + counted;
        }
        return Optional.empty();
    }

    /** Returns that an image is larger than it may be. */
    public Optional<FcvmException> tooLarge(long mostBytes) {
        return refused(
                Kind.IMAGE,
                mostBytes < bounds.mostBytes().bytes()
                        ? "unpacked it is larger than %s and than %d times what was fetched, as no image is: check what it is"
                                .formatted(new DataSize(ImageBounds.SMALL), ImageBounds.BEST_RATIO)
                        : "it is larger than %s (FCVM_IMAGE_MAX_SIZE): use a smaller image"
                                .formatted(new DataSize(mostBytes)));
    }

    /** Returns that an image has more files than it may have. */
    public Optional<FcvmException> tooMany() {
        return refused(
                Kind.IMAGE,
                "it has more than %d files (FCVM_IMAGE_MAX_FILES): use one with fewer".formatted(bounds.mostFiles()));
    }

    /** Returns that nothing of an image has been unpacked for so long. */
    public Optional<FcvmException> still(Duration patience) {
        return refused(
                Kind.IMAGE,
                "unpacking it has stood still for %d minutes, as damaged layers make it: make or fetch it anew"
                        .formatted(patience.toMinutes()));
    }

    private Optional<FcvmException> refused(Kind kind, String why) {
        return Optional.of(new FcvmException(kind, "cannot get %s: %s".formatted(label, why)));
    }
}
