package dev.fcvm.host.nodes;

import dev.fcvm.host.NativeCalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** A file that is open. For one thread. */
public final class OpenFile extends OpenNode {

    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ENXIO = 6;

    OpenFile(int descriptor) {
        super(descriptor);
    }

    /**
     * Reads into a direct buffer, from its position to its limit or the file's end.
     *
     * @return how many bytes; less than there is room for at the end only
     */
    public int read(ByteBuffer into, long from) throws IOException {
        int all = 0;
        while (into.hasRemaining()) {
            long read = Kernel.call(Kernel.PREAD64, descriptor(), address(into), into.remaining(), from + all, 0);
            if (read == 0) {
                break;
            }
            into.position(into.position() + (int) read);
            all += (int) read;
        }
        return all;
    }

    /** Writes a direct buffer, from its position to its limit. */
    public void write(ByteBuffer bytes, long at) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            long written = Kernel.call(Kernel.PWRITE64, descriptor(), address(bytes), bytes.remaining(), to, 0);
            bytes.position(bytes.position() + (int) written);
            to += written;
        }
    }

    private static long address(ByteBuffer direct) {
        return MemorySegment.ofBuffer(direct).address();
    }

    /** Sets its size; what is new is a hole. */
    public void setSize(long size) throws IOException {
        Kernel.call(Kernel.FTRUNCATE, descriptor(), size, 0);
    }

    /** Returns where the next data begins; nothing where there is none any more. */
    public OptionalLong dataFrom(long from) throws IOException {
        long found = NativeCalls.call(Kernel.LSEEK, descriptor(), from, SEEK_DATA);
        if (found == -ENXIO) {
            return OptionalLong.empty();
        }
        if (found < 0) {
            throw new Kernel.Refused((int) -found);
        }
        return OptionalLong.of(found);
    }

    /** Returns where the next hole begins: the file's end is one. */
    public long holeFrom(long from) throws IOException {
        return Kernel.call(Kernel.LSEEK, descriptor(), from, SEEK_HOLE);
    }
}
