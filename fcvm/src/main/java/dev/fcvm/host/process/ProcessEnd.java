package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Waits for the end of a process that need not be a child of this one, by pidfd_open(2): the kernel tells it at once. One
 * thread waits, in the kernel, where a virtual thread would hold its carrier; closing lets it go.
 */
public final class ProcessEnd implements AutoCloseable {

    private static final int CLOSE_ON_EXEC = 0x80000; // EFD_CLOEXEC
    private static final int POLLED_BYTES = Integer.BYTES + 2 * Short.BYTES;
    private static final short READABLE = 1; // POLLIN

    private final long process;
    private final long wake;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean released = new AtomicBoolean();
    private boolean waiting;

    private ProcessEnd(long process, long wake) {
        this.process = process;
        this.wake = wake;
    }

    /**
     * Takes hold of a process; one that has ended is no fault.
     *
     * @throws FcvmException when the kernel has no descriptor to give
     */
    public static ProcessEnd of(ProcessIdentity identity) throws FcvmException {
        long wake = NativeCalls.call(NativeCalls.EVENTFD2, 0, CLOSE_ON_EXEC, 0);
        if (wake < 0) {
            throw new FcvmException(Kind.HOST, "cannot watch a process: eventfd2 failed with error " + -wake);
        }
        long process = NativeCalls.call(NativeCalls.PIDFD_OPEN, identity.pid(), 0, 0);
        if (process >= 0 && !identity.isAlive()) { // its number is somebody else's by now
            NativeCalls.call(NativeCalls.CLOSE, process, 0, 0);
            process = -1;
        }
        return new ProcessEnd(process, wake);
    }

    /**
     * Waits; to be called by one thread, once.
     *
     * @return whether it has ended; else this was closed
     */
    public boolean await() {
        synchronized (this) {
            if (closed.get()) {
                return false;
            }
            waiting = true;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(2 * POLLED_BYTES, Integer.BYTES);
            both.set(ValueLayout.JAVA_INT, 0, (int) process);
            both.set(ValueLayout.JAVA_SHORT, Integer.BYTES, READABLE);
            both.set(ValueLayout.JAVA_INT, POLLED_BYTES, (int) wake);
            both.set(ValueLayout.JAVA_SHORT, POLLED_BYTES + Integer.BYTES, READABLE);
            while (process >= 0 && !closed.get()) {
                long ready = NativeCalls.call(NativeCalls.POLL, both.address(), 2, -1);
                if (ready < 0 && ready != -NativeCalls.EINTR) {
                    throw new IllegalStateException("poll failed with error " + -ready);
                }
                if (ready > 0 && both.get(ValueLayout.JAVA_SHORT, Integer.BYTES + Short.BYTES) != 0) {
                    return true;
                }
            }
            return !closed.get();
        } finally {
            release();
        }
    }

    /** Lets the waiting thread go. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (!waiting) {
            release();
        } else if (!released.get()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
                NativeCalls.call(NativeCalls.WRITE, wake, one.address(), Long.BYTES);
            }
        }
    }

    /** The number of a closed descriptor is given to others: it is used under the lock, or by the waiting thread. */
    private synchronized void release() {
        if (released.compareAndSet(false, true)) {
            if (process >= 0) {
                NativeCalls.call(NativeCalls.CLOSE, process, 0, 0);
            }
            NativeCalls.call(NativeCalls.CLOSE, wake, 0, 0);
        }
    }
}
