package dev.fcvm.host.file;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/** Directories only their owner may enter. */
public final class PrivateDirectories {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private PrivateDirectories() {}

    /** Returns the number of the user this process acts for. */
    public static int currentUser() {
        // Not the owner of /proc/self: the link is root's, and what it leads to may be as well.
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Uid:"))
                    // Real, then effective.
                    .map(line -> Integer.parseUnsignedInt(line.split("\\s+", -1)[2]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("/proc/self/status names no user"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Returns whether this file, itself and not what it may point to, belongs to the user. */
    public static boolean isOwnedBy(Path file, int user) {
        return owner(file) == user;
    }

    /**
     * Makes a directory with mode 0700, and those above it as the system does, or checks the one that is there. One
     * that others could enter is closed to them.
     *
     * @throws FcvmException when it is a symbolic link, is no directory, belongs to somebody else, or cannot be made
     */
    public static void require(Path directory) throws FcvmException {
        try {
            make(directory);
            check(directory);
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot make the directory " + directory + ": " + IoReason.of(failure)
                            + "; make it yourself, or name another",
                    failure);
        }
    }

    private static void make(Path directory) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(OWNER_ONLY);
        try {
            Files.createDirectory(directory, mode);
        } catch (FileAlreadyExistsException raced) {
            // Somebody made it at the same moment; the check that follows says whether it will do.
            return;
        }
    }

    private static void check(Path directory) throws IOException, FcvmException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    directory + " is a symbolic link or no directory; remove it, or name another directory");
        }
        int user = currentUser();
        int owner = owner(directory);
        if (owner != user) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    directory + " belongs to user " + owner + ", not to user " + user
                            + "; remove it, or name another directory");
        }
        if (!Files.getPosixFilePermissions(directory).equals(OWNER_ONLY)) {
            Files.setPosixFilePermissions(directory, OWNER_ONLY);
        }
    }

    private static int owner(Path file) {
        try {
            return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
