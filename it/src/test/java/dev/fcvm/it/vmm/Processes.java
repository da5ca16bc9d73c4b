package dev.fcvm.it.vmm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** What the kernel says of processes. */
final class Processes {

    private Processes() {}

    /** Tells whether a process has a file open, whatever the file is called where the process lives. */
    static boolean hasOpen(long pid, Path file) throws IOException {
        Optional<Object> wanted = key(file);
        try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return descriptors.anyMatch(descriptor -> key(descriptor).equals(wanted));
        }
    }

    private static Optional<Object> key(Path file) {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return Optional.empty(); // closed meanwhile
        }
    }
}
