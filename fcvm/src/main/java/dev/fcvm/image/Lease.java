package dev.fcvm.image;

import dev.fcvm.host.file.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a store disk from being removed while a machine uses it. It ends when it is closed or its process ends, however
 * that happens.
 */
public final class Lease implements AutoCloseable {

    private final Path file;
    private final LockFile lock;

    Lease(Path file, LockFile lock) {
        this.file = file;
        this.lock = lock;
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            Files.deleteIfExists(file);
        }
    }
}
