package dev.fcvm.image;

import dev.fcvm.host.file.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The store's locks: files that stay. */
final class StoreLocks {

    private final Path directory;

    StoreLocks(Path directory) {
        this.directory = directory;
    }

    /** Takes the lock under which names are changed and images are removed. Short. */
    LockFile catalogue() throws IOException, InterruptedException {
        return take("catalogue");
    }

    /** Takes the lock under which work directories are made and swept; taken after the catalogue's. Short, but for a sweep. */
    LockFile works() throws IOException, InterruptedException {
        return take("works");
    }

    /**
     * Takes the lock under which an image is made. The names of locks are few, so that the files can stay: two images
     * may share one, and then wait for each other.
     */
    LockFile image(String id) throws IOException, InterruptedException {
        return take("image-" + id.substring(0, 2));
    }

    /** Takes the lock under which a file or directory is read; taken before that of the image in it. */
    LockFile source(String key) throws IOException, InterruptedException {
        return take("source-" + key.substring(0, 2));
    }

    private LockFile take(String name) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        return LockFile.exclusive(directory.resolve(name));
    }
}
