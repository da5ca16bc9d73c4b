package dev.fcvm.guest.system;

import java.io.IOException;
import java.io.Serial;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Linux system calls that Java has no other way to, all through libc's {@code syscall}: each further shape of call costs
 * as much start time as the first. Only loaded in a machine with a vsock, or for a terminal. The numbers are those of x86-64.
 */
public final class Syscalls {

    public static final long READ = 0;
    public static final long WRITE = 1;
    public static final long OPEN = 2;
    public static final long CLOSE = 3;
    public static final long IOCTL = 16;
    public static final long SOCKET = 41;
    public static final long CONNECT = 42;
    static final long SHUTDOWN = 48;
    public static final long BIND = 49;
    public static final long LISTEN = 50;
    public static final long SETSOCKOPT = 54;
    static final long FCNTL = 72;
    public static final long MKDIR = 83;
    static final long MOUNT = 165;
    public static final long UMOUNT2 = 166;
    static final long SETHOSTNAME = 170;
    static final long CLOCK_SETTIME = 227;
    public static final long UNSHARE = 272;
    public static final long ACCEPT4 = 288;
    static final long PIPE2 = 293;
    public static final long SETNS = 308;
    public static final long OPEN_TREE = 428;
    public static final long MOVE_MOUNT = 429;
    public static final long MOUNT_SETATTR = 442;

    private static final int EINTR = 4;
    private static final int EAGAIN = 11;

    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    private final MethodHandle handle;

    /** Loaded by the first who asks: to link the call costs milliseconds each time. */
    private static final class Shared {
        static final Syscalls ONE = new Syscalls();

        private Shared() {}
    }

    /** Returns the one there is. */
    public static Syscalls shared() {
        return Shared.ONE;
    }

    @SuppressWarnings("restricted") // Native access is what this class is for; the start script grants it.
    private Syscalls() {
        if (!"amd64".equals(System.getProperty("os.arch"))) {
            throw new UnsupportedOperationException("no system call numbers for " + System.getProperty("os.arch"));
        }
        Linker linker = Linker.nativeLinker();
        var number = ValueLayout.JAVA_LONG;
        handle = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(number, number, number, number, number, number, number),
                Linker.Option.captureCallState("errno"));
    }

    /** Returns room for the error number of one call at a time; each thread that calls needs its own. */
    public static MemorySegment errorRoom() {
        return Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
    }

    /**
     * Makes a system call, again when a signal interrupts it.
     *
     * @param name of the call, for the error
     * @param error from {@link #errorRoom()}
     * @return its result, at least 0
     * @throws IOException when it fails, with the error number
     */
    public long call(String name, MemorySegment error, long number, long first, long second, long third, long fourth)
            throws IOException {
        return call(name, error, number, first, second, third, fourth, 0);
    }

    /** The same with one argument more. */
    public long call(
            String name, MemorySegment error, long number, long first, long second, long third, long fourth, long fifth)
            throws IOException {
        while (true) {
            long result;
            try {
                result = (long) handle.invokeExact(error, number, first, second, third, fourth, fifth);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IOException(name + " could not be called: " + Console.reason(e), e);
            }
            if (result >= 0) {
                return result;
            }
            int errno = error.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
            if (errno == EAGAIN) {
                throw new IOException(name + " took too long");
            }
            if (errno != EINTR) {
                throw new Refused(name, errno);
            }
        }
    }

    /** The kernel has refused a call. */
    public static final class Refused extends IOException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final int number;

        Refused(String call, int number) {
            super(call + " failed with error number " + number);
            this.number = number;
        }

        /** Returns the error number, errno(3). */
        public int number() {
            return number;
        }
    }

    /**
     * Returns memory for the kernel to read and write. A buffer, not a segment: those link a method for every type they
     * are read or written as, which a guest's start would pay.
     */
    public static ByteBuffer memory(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    public static long addressOf(ByteBuffer memory) {
        return MemorySegment.ofBuffer(memory).address();
    }
}
