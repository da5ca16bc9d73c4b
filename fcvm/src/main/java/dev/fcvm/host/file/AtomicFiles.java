package dev.fcvm.host.file;

import dev.fcvm.host.MachineId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/**
 * Files that are there whole or not at all, also after a power cut: written under a temporary name in the same
 * directory, forced to the disk, and renamed over the old one.
 */
public final class AtomicFiles {

    /** How the temporary names begin and end; a leftover of a crash may be deleted. */
    public static final String TEMPORARY_PREFIX = ".";

    /** See {@link #TEMPORARY_PREFIX}. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    private AtomicFiles() {}

    /** Replaces a file with this text, as UTF-8; readable for its owner only. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces a file with this text, as UTF-8; readable for whoever gets to it. */
    public static void writeForAll(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
    }

    /** Replaces a file with these bytes; readable for its owner only. */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, bytes, "rw-------");
    }

    private static void write(Path file, byte[] bytes, String permissions) throws IOException {
        Path temporary = file.resolveSibling(
                TEMPORARY_PREFIX + file.getFileName() + "." + MachineId.random().brief() + TEMPORARY_SUFFIX);
        try {
            Set<PosixFilePermission> wanted = PosixFilePermissions.fromString(permissions);
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                Files.setPosixFilePermissions(temporary, wanted); // whatever the umask is
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            replace(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Forces a finished file to the disk and renames it to its final name on the same file system. */
    public static void replace(Path finished, Path file) throws IOException {
        force(finished);
        move(finished, file);
    }

    /** Renames a file, link or directory, atomically, and forces the new directory entry to the disk. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(Objects.requireNonNull(to.toAbsolutePath().getParent(), "the root cannot be replaced"));
    }

    /** Forces a file's content to the disk. */
    public static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Forces a directory's entries to the disk, so that a rename in it survives a power cut. */
    public static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
