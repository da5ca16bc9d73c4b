package dev.fcvm.guest.system;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A pipe for what another process writes, read until its last writer has ended. A pipe that Java makes for a process is closed
 * when that process ends, whoever else has it by then.
 */
public final class Pipe implements AutoCloseable {

    private static final long O_CLOEXEC = 0x80000;

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
