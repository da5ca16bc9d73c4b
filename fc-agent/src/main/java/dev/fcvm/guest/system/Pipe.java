package dev.fcvm.guest.system;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A pipe for what another process writes, read until its last writer has ended. A pipe that Java makes for a process is closed
 * when that process ends, whoever else has it by then.
 */
public final class Pipe implements AutoCloseable {

    private static final long O_WRONLY = 1;
    private static final long O_NONBLOCK = 0x800;
    private static final long O_CLOEXEC = 0x80000;
    private static final long F_SETPIPE_SZ = 1031;

    /** The most a pipe may hold by default: fs/pipe.c. The more, the seldomer its two ends wait for each other. */
    private static final long ROOM = 1 << 20;

    private final Syscalls syscalls = Syscalls.shared();
    private final MemorySegment error = Syscalls.errorRoom();
    private final int writing;
    private final InputStream reading;

    private Pipe() throws IOException {
        ByteBuffer ends = Syscalls.memory(2 * Integer.BYTES);
        syscalls.call("pipe2", error, Syscalls.PIPE2, Syscalls.addressOf(ends), O_CLOEXEC, 0, 0);
        int readable = ends.getInt(0);
        writing = ends.getInt(Integer.BYTES);
        try {
            syscalls.call("fcntl", error, Syscalls.FCNTL, writing, F_SETPIPE_SZ, ROOM, 0);
            reading = new FileInputStream(file(readable));
        } catch (IOException e) {
            close();
            throw e;
        } finally {
            close(readable);
        }
    }

    /** Makes one. Closing it closes the end for writers; they have others by then. */
    public static Pipe open() throws IOException {
        return new Pipe();
    }

    /**
     * Gives the pipe that is a process's standard output as much room.
     *
     * @throws IOException when it has ended, or its output is no pipe
     */
    static void widenOutputOf(long process) throws IOException {
        byte[] name = ("/proc/" + process + "/fd/1").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer path = Syscalls.memory(name.length + 1).put(name);
        MemorySegment error = Syscalls.errorRoom();
        Syscalls syscalls = Syscalls.shared();
        long descriptor;
        try {
            descriptor = syscalls.call(
                    "open",
                    error,
                    Syscalls.OPEN,
                    Syscalls.addressOf(path.rewind()),
                    O_WRONLY | O_NONBLOCK | O_CLOEXEC,
                    0,
                    0);
        } finally {
            Reference.reachabilityFence(path);
        }
        try {
            syscalls.call("fcntl", error, Syscalls.FCNTL, descriptor, F_SETPIPE_SZ, ROOM, 0);
        } finally {
            syscalls.call("close", error, Syscalls.CLOSE, descriptor, 0, 0, 0);
        }
    }

    /** Returns the end for writers, for a process to open. */
    public File writing() {
        return file(writing);
    }

    /** Returns the other end, which is the caller's to close. */
    public InputStream reading() {
        return reading;
    }

    private static File file(int descriptor) {
        return new File("/proc/self/fd/" + descriptor);
    }

    private void close(int descriptor) throws IOException {
        syscalls.call("close", error, Syscalls.CLOSE, descriptor, 0, 0, 0);
    }

    @Override
    public void close() throws IOException {
        close(writing);
    }
}
