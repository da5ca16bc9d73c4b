package dev.fcvm.image;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.LockFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The leases on store disks: a locked file each. Called under the catalogue's lock. */
final class Leases {

    private static final String DIRECTORY = "leases";

    /** Takes a lease on the image in this directory. */
    Lease take(Path image) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(image.resolve(DIRECTORY));
        Path file = directory.resolve(MachineId.random().value());
        return new Lease(file, LockFile.exclusive(file));
    }

    /** Returns how many leases there are on the image in this directory; removes those whose process has ended. */
    int count(Path image) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(image.resolve(DIRECTORY))) {
            for (Path file : files) {
                if (isHeld(file)) {
                    count++;
                }
            }
        } catch (NoSuchFileException e) {
            return 0; // there has never been one
        }
        return count;
    }

    private static boolean isHeld(Path file) throws IOException {
        Optional<LockFile> taken = LockFile.tryExclusive(file);
        if (taken.isEmpty()) {
            return true;
        }
        try (LockFile _ = taken.get()) {
            Files.deleteIfExists(file);
            return false;
        }
    }
}
