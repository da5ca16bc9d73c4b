package dev.fcvm.host.tree;

import dev.fcvm.host.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** An open regular file of a tree. For one thread. */
public final class TreeFile implements AutoCloseable {

    private static final int SYS_PREAD = 17;
    private static final int SYS_PWRITE = 18;
    private static final int SYS_FSYNC = 74;
    private static final int SYS_FTRUNCATE = 77;
    private static final int SYS_FCHMOD = 91;

    private final Descriptor file;

    TreeFile(Descriptor file) {
        this.file = file;
    }

    /** Returns what it is. */
    public FileStatus status() throws TreeException {
        return file.status();
    }

    /**
     * Reads from a place in it.
     *
     * @return how many bytes; 0 at its end
     */
    public int read(long offset, byte[] into, int start, int length) throws TreeException {
        Objects.checkFromIndexSize(start, length, into.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            int count = (int)
                    Descriptor.checked("read", retried(SYS_PREAD, file.number(), buffer.address(), length, offset));
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, start, count);
            return count;
        }
    }

    /** Writes all of it to a place in it; to its end when it was opened so. */
    public void write(long offset, byte[] from, int start, int length) throws TreeException {
        Objects.checkFromIndexSize(start, length, from.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            MemorySegment.copy(from, start, buffer, ValueLayout.JAVA_BYTE, 0, length);
            int done = 0;
            while (done < length) {
                done += (int) Descriptor.checked(
                        "write",
                        retried(SYS_PWRITE, file.number(), buffer.address() + done, length - done, offset + done));
            }
        }
    }

    private static long retried(int call, long file, long address, long length, long offset) {
        long result = -Errno.EINTR;
        while (result == -Errno.EINTR) {
            result = NativeCalls.call(call, file, address, length, offset, 0);
        }
        return result;
    }

    /** Cuts or extends it; it was opened to be written. */
    public void cut(long size) throws TreeException {
        Descriptor.checked("truncate", NativeCalls.call(SYS_FTRUNCATE, file.number(), size, 0, 0, 0));
    }

    /** Waits until all of it is on the disk. */
    public void force() throws TreeException {
        Descriptor.checked("fsync", NativeCalls.call(SYS_FSYNC, file.number(), 0, 0, 0, 0));
    }

    /** Sets its permissions, whatever the process's umask. */
    void permit(int mode) throws TreeException {
        Descriptor.checked("chmod", NativeCalls.call(SYS_FCHMOD, file.number(), mode & 0777, 0, 0, 0));
    }

    /** Returns the file as something to change. */
    public TreeNode node() throws TreeException {
        return new TreeNode(file.again(Descriptor.O_PATH));
    }

    @Override
    public void close() {
        file.close();
    }
}
