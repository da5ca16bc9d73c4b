package dev.fcvm.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The kernel's calls that Java does not offer, all through one shape of libc's {@code syscall(2)}: each further shape
 * would cost some 10 ms at start. The first call loads it (about 60 ms), so nothing on the path of a quick command may
 * come here.
 *
 * <p>Numbers are those of x86-64, the only architecture the monitors are driven on.
 */
public final class NativeCalls {

    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int OPEN = 2;
    public static final int CLOSE = 3;
    public static final int STAT = 4;
    public static final int POLL = 7;
    public static final int LSEEK = 8;
    public static final int IOCTL = 16;
    public static final int LISTEN = 50;
    public static final int GETSOCKOPT = 55;
    public static final int MKNOD = 133;
    public static final int STATFS = 137;
    public static final int GETPRIORITY = 140;
    public static final int EXIT_GROUP = 231;
    public static final int SIGNALFD4 = 289;
    public static final int EVENTFD2 = 290;
    public static final int PIDFD_OPEN = 434;
    public static final int PIDFD_GETFD = 438;

    /** The error number of a call that was interrupted by a signal. */
    public static final int EINTR = 4;

    private static final int GETPID = 39;

    private NativeCalls() {}

    /** Loads them in the background, for who needs them soon and has something else to do until then. */
    public static void prepare() {
        Thread.ofPlatform().name("native-calls").daemon().start(() -> call(GETPID, 0, 0, 0));
    }

    /**
     * Makes a call of the kernel. Addresses are given as {@link MemorySegment#address()} of native memory.
     *
     * @return its result, or the negated error number
     */
    public static long call(int number, long first, long second, long third, long fourth, long fifth) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Shape.STATE);
            long result =
                    (long) Shape.SYSCALL.invokeExact(state, (long) number, first, second, third, fourth, fifth, 0L);
            return result == -1 ? -(int) Shape.ERROR_NUMBER.get(state, 0L) : result;
        } catch (Throwable e) {
            // The handle declares Throwable; a system call throws nothing.
            throw new AssertionError("system call " + number, e);
        }
    }

    /** The same with fewer arguments. */
    public static long call(int number, long first, long second, long third, long fourth) {
        return call(number, first, second, third, fourth, 0);
    }

    /** The same with fewer arguments. */
    public static long call(int number, long first, long second, long third) {
        return call(number, first, second, third, 0, 0);
    }

    /** Loaded by the first call only. */
    private static final class Shape {
        static final MemoryLayout STATE = Linker.Option.captureStateLayout();
        static final VarHandle ERROR_NUMBER = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        static final MethodHandle SYSCALL = handle();

        private Shape() {}

        @SuppressWarnings("restricted") // granted by --enable-native-access=dev.fcvm
        private static MethodHandle handle() {
            Linker linker = Linker.nativeLinker();
            ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                    Linker.Option.captureCallState("errno"));
        }
    }
}
