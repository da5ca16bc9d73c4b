package dev.fcvm.snapshot;

import dev.fcvm.host.file.SparseFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The disk of a mapping, on its way from a machine into a snapshot, and from there into a clone.
 *
 * @param file one that nobody writes to meanwhile
 * @param shared whether nobody ever will, so that another name for it is as good as a copy
 */
public record MappedDisk(Path file, boolean shared) {

    static final Set<PosixFilePermission> SHARED = PosixFilePermissions.fromString("r--r--r--");

    /** Returns one of a snapshot. */
    public static MappedDisk saved(Path file) throws IOException {
        return new MappedDisk(file, Files.getPosixFilePermissions(file).equals(SHARED));
    }

    /** Puts it where there is nothing. A monitor with a user of its own can read there what it could read here. */
    public void into(Path to) throws IOException {
        if (shared && linked(file, to)) {
            return;
        }
        SparseFiles.copy(file, to);
        Files.setPosixFilePermissions(to, shared ? SHARED : Files.getPosixFilePermissions(file));
    }

    private static boolean linked(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
            return true;
        } catch (UnsupportedOperationException | FileSystemException otherDisk) {
            return false;
        }
    }
}
