package dev.fcvm.host.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * By what a file is told from what it was: its place, size and last change. Quicker than its checksum, and enough for files
 * that are replaced and never written into.
 *
 * @param text to be compared
 */
public record FileStamp(String text) {

    /** Returns a file's; one that cannot be looked at differs from every one that can. */
    public static FileStamp of(Path file) {
        try {
            Path real = file.toRealPath();
            return new FileStamp("%s %d %s"
                    .formatted(
                            real,
                            Files.size(real),
                            Files.getLastModifiedTime(real).toInstant()));
        } catch (IOException unreadable) {
            return new FileStamp(file + " unreadable");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
