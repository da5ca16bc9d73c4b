package dev.fcvm.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Reads a file that a program has written which a stranger may have taken over: never a link, a pipe or a device. */
final class StrangersFile {

    private StrangersFile() {}

    /** Returns its content, which is at most this long. */
    static byte[] read(Path file, int most) throws IOException {
        require(file);
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            if (channel.size() > most) {
                throw new IOException("%s is too large".formatted(file));
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            Channels.newInputStream(channel).readNBytes(bytes.array(), 0, bytes.capacity());
            return bytes.array();
        }
    }

    /** Throws unless it is an ordinary file. */
    static void require(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("%s is no file".formatted(file));
        }
    }
}
