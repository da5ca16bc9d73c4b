package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import dev.fcvm.host.ext4.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Puts what a machine that was killed had been promised in its place, as the kernel does when it mounts: after that even
 * a machine that cannot write sees all of it. May be cut short at any moment, and is then done again.
 */
public final class JournalFlush {

    private JournalFlush() {}

    /** Plays an image's journal back, if there is something in it. */
    public static void run(Path image) throws IOException {
        try (ImageReader reader = ImageReader.open(image)) {
            if (!reader.wasReplayed()) {
                return;
            }
            try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                for (long block : reader.replayed()) {
                    write(channel, reader.block(block), block * BLOCK);
                }
                channel.force(false);
                // The next transaction, and that there is none.
                ByteBuffer start = ByteBuffer.allocate(2 * Integer.BYTES).putInt(reader.nextTransaction());
                write(channel, start.clear(), reader.journal() * BLOCK + 24);
                int features = reader.incompatible() & ~Superblock.RECOVER;
                ByteBuffer recovered = ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(features)
                        .flip();
                write(channel, recovered, Superblock.OFFSET + 0x60);
                channel.force(false);
            }
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            to += channel.write(bytes, to);
        }
    }
}
