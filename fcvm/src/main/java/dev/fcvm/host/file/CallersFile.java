package dev.fcvm.host.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that is to be made for a caller, as the caller's own process would make it.
 *
 * @param path where
 * @param umask which permissions it is not to have (umask(2))
 */
public record CallersFile(Path path, int umask) {

    /** Makes it, with this text in it; fails when there is one. */
    public void create(String text) throws IOException {
        Set<PosixFilePermission> permissions = permissions();
        try (WritableByteChannel channel = Files.newByteChannel(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(permissions))) {
            // This process's own umask has taken what it takes.
            Files.setPosixFilePermissions(path, permissions);
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private Set<PosixFilePermission> permissions() {
        String all = "rw-rw-rw-";
        var left = new StringBuilder();
        for (int at = 0; at < all.length(); at++) {
            left.append((umask & (0400 >> at)) == 0 ? all.charAt(at) : '-');
        }
        return PosixFilePermissions.fromString(left.toString());
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
