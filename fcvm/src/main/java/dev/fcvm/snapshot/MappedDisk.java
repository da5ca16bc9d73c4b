package dev.fcvm.snapshot;

import dev.fcvm.host.SparseFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The disk of a mapping, on its way from a machine into a snapshot, and from there into a clone. */
public final class MappedDisk {

    /** Nobody writes to such a one any more: another name for it is as good as a copy. */
    private static final Set<PosixFilePermission> SHARED = PosixFilePermissions.fromString("r--r--r--");

    private MappedDisk() {}

    /**
     * Puts it where there is nothing. A monitor with a user of its own can read there what it could read here.
     *
     * @param from a disk that nobody writes to meanwhile
     * @param shared whether nobody ever will
     */
    static void take(Path from, Path to, boolean shared) throws IOException {
        if (shared && linked(from, to)) {
            return;
        }
        SparseFiles.copy(from, to);
        Files.setPosixFilePermissions(to, shared ? SHARED : Files.getPosixFilePermissions(from));
    }

    /** Puts a disk of a snapshot into the directory of a machine. */
    public static void give(Path from, Path to) throws IOException {
        take(from, to, Files.getPosixFilePermissions(from).equals(SHARED));
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
