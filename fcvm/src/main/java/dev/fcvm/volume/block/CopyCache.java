package dev.fcvm.volume.block;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.DiskUse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Copies of directories that were mapped read-only, by digest. A machine has a link of its own to the copy it uses, so one
 * that is evicted stays until the last machine that has it is gone.
 */
final class CopyCache {

    /** What the copies may take of the host's disk; the one that was made last stays in any case. */
    private static final long MOST_BYTES = 8L << 30;

    private static final String ENDING = ".ext4";

    private final Path directory;
    private final Clock clock;

    /** Makes a copy that is not there. */
    interface Maker {
        void make(Path image) throws FcvmException, IOException;
    }

    CopyCache(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Gives a machine a copy.
     *
     * @param digest of what is copied
     * @param image the machine's own name for it, which must not be there yet
     * @param maker makes the copy, if need be
     */
    void provide(String digest, Path image, Maker maker) throws FcvmException, IOException {
        Path cached = directory.resolve(digest + ENDING);
        try {
            Files.createLink(image, cached);
            Files.setLastModifiedTime(cached, FileTime.from(clock.instant()));
            return;
        } catch (NoSuchFileException notThere) {
            maker.make(image);
        }
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        try {
            Files.createLink(cached, image);
        } catch (FileAlreadyExistsException raced) {
            return; // another machine has made the same one meanwhile
        }
        evict(cached);
    }

    /** Forgets those that were not used for the longest time, until the rest fits. */
    private void evict(Path newest) throws IOException {
        List<Path> copies = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*" + ENDING)) {
            all.forEach(copies::add);
        }
        copies.sort(Comparator.comparingLong(CopyCache::used).reversed());
        long bytes = 0;
        for (Path copy : copies) {
            bytes += allocated(copy);
            if (bytes > MOST_BYTES && !copy.equals(newest)) {
                Files.deleteIfExists(copy);
            }
        }
    }

    private static long used(Path copy) {
        try {
            return Files.getLastModifiedTime(copy).to(TimeUnit.MILLISECONDS);
        } catch (IOException gone) {
            return 0;
        }
    }

    private static long allocated(Path copy) throws IOException {
        try {
            return Files.exists(copy) ? DiskUse.allocated(copy) : 0;
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }
}
