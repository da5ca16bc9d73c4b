package dev.fcvm.host.file;

import dev.fcvm.host.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Named pipes (fifo(7)), which Java does not make. */
public final class NamedPipes {

    private static final int FIFO_FOR_OWNER = 0x1000 | 0600; // S_IFIFO
    private static final int EEXIST = 17;

    private NamedPipes() {}

    /**
     * Makes one, for its owner only.
     *
     * @throws IOException when there is something of that name, or the kernel refuses
     */
    public static void create(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long result = NativeCalls.call(
                    NativeCalls.MKNOD, arena.allocateFrom(file.toString()).address(), FIFO_FOR_OWNER, 0);
            if (result < 0) {
                throw new IOException("cannot make the pipe %s: %s"
                        .formatted(file, result == -EEXIST ? "it is there" : "error " + -result));
            }
        }
    }
}
