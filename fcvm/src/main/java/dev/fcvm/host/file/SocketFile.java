package dev.fcvm.host.file;

import dev.fcvm.host.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A socket in the file system, held fast: whatever becomes of its name, {@link #path} leads to it and to nothing else.
 * For names in a directory that somebody else may write to, who could put a link there that leads to another socket.
 */
public final class SocketFile implements AutoCloseable {

    private static final int PATH_ONLY = 0x200000; // O_PATH
    private static final int NO_FOLLOW = 0x20000; // O_NOFOLLOW
    private static final int CLOSE_ON_EXEC = 0x80000; // O_CLOEXEC
    private static final int TYPE = 0170000; // S_IFMT
    private static final int SOCKET = 0140000; // S_IFSOCK

    private final long descriptor;

    private SocketFile(long descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Takes hold of one.
     *
     * @throws IOException when there is nothing of that name, or something else than a socket
     */
    public static SocketFile open(Path file) throws IOException {
        long descriptor;
        try (Arena arena = Arena.ofConfined()) {
            descriptor = NativeCalls.call(
                    NativeCalls.OPEN,
                    arena.allocateFrom(file.toString()).address(),
                    PATH_ONLY | NO_FOLLOW | CLOSE_ON_EXEC,
                    0);
        }
        if (descriptor < 0) {
            throw new IOException("cannot open the socket %s: error %d".formatted(file, -descriptor));
        }
        var opened = new SocketFile(descriptor);
        boolean socket = false;
        try {
            socket = ((Integer) Files.getAttribute(opened.path(), "unix:mode") & TYPE) == SOCKET;
        } finally {
            if (!socket) {
                opened.close();
            }
        }
        if (!socket) {
            throw new IOException(file + " is not a socket: something in the machine's jail has put it there");
        }
        return opened;
    }

    /** Returns a name of it that holds until this is closed. */
    public Path path() {
        return Path.of("/proc/self/fd", Long.toString(descriptor));
    }

    @Override
    public void close() {
        NativeCalls.call(NativeCalls.CLOSE, descriptor, 0, 0);
    }
}
