package dev.fcvm.guest.container;

import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.message.Message.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;

/**
 * What a container is handed and no disk is to hold: files on the tmpfs of the guest's {@code /run}, at
 * {@link dev.fcvm.plan.GuestSecrets}.
 */
public record Secrets(GuestFiles files) {

    /** Puts one into its file, in place of what was there. */
    public void keep(Secret secret) throws IOException {
        Path directory = files.secrets();
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Path file = directory.resolve(Integer.toString(secret.number()));
        Files.deleteIfExists(file);
        // Nobody else's before it is whole, and has its owner.
        try (SeekableByteChannel channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer content = ByteBuffer.wrap(Base64.getDecoder().decode(secret.content()));
            while (content.hasRemaining()) {
                channel.write(content);
            }
        }
        Files.setAttribute(file, "unix:uid", secret.uid());
        Files.setAttribute(file, "unix:gid", secret.gid());
        Files.setAttribute(file, "unix:mode", secret.mode());
    }
}
