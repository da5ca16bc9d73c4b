package dev.fcvm.volume.ext4;

import dev.fcvm.host.nodes.FileStatus;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** What is in a file that goes into an image. For one thread. */
public interface FileContent extends Closeable {

    /** Returns what is known of the file now: another one than before says that it has changed meanwhile. */
    FileStatus status() throws IOException;

    /** Returns where the next data begins; nothing where there is none any more. */
    OptionalLong dataFrom(long from) throws IOException;

    /** Returns where the next hole begins, seen from data: the file's end is one. */
    long holeFrom(long from) throws IOException;

    /**
     * Reads into a direct buffer, from its position to its limit or the file's end; holes as zeros.
     *
     * @return how many bytes; less than there is room for at the end only
     */
    int read(ByteBuffer into, long from) throws IOException;
}
