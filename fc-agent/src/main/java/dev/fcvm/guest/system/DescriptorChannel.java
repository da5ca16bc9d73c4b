package dev.fcvm.guest.system;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;

/**
 * A connected socket or a terminal, by its descriptor, which it owns. One thread may read while another writes; to close
 * a socket wakes both.
 */
public final class DescriptorChannel implements ByteChannel {

    private static final int SHUT_RDWR = 2;
    private static final int BUFFER_SIZE = 64 * 1024;
    /**
     * The kernel hands what one call writes to Firecracker as one packet, in several pieces when it is more than some 32
     * KiB; of those Firecracker before 1.14 doubles parts when the host reads slowly (its issue 5485).
     */
    private static final int LONGEST_WRITE = 16 * 1024;

    private final Syscalls syscalls;
    private final long descriptor;
    private final boolean socket;
    private final Direction in = new Direction();
    private final Direction out = new Direction();
    private int inCalls;
    private boolean closed;

    /** What one direction needs for its calls; used under its own lock. */
    private static final class Direction {
        final MemorySegment error = Syscalls.errorRoom();
        final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
        final long address = MemorySegment.ofBuffer(buffer).address();
    }

    private DescriptorChannel(Syscalls syscalls, long descriptor, boolean socket) {
        this.syscalls = syscalls;
        this.descriptor = descriptor;
        this.socket = socket;
    }

    public static DescriptorChannel ofSocket(Syscalls syscalls, long descriptor) {
        return new DescriptorChannel(syscalls, descriptor, true);
    }

    static DescriptorChannel ofTerminal(Syscalls syscalls, long descriptor) {
        return new DescriptorChannel(syscalls, descriptor, false);
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        synchronized (in) {
            boolean direct = destination.isDirect();
            long wanted = direct
                    ? destination.remaining()
                    : Math.min(destination.remaining(), in.buffer.clear().capacity());
            long address = direct ? MemorySegment.ofBuffer(destination).address() : in.address;
            enter();
            long count;
            try {
                count = syscalls.call("read", in.error, Syscalls.READ, descriptor, address, wanted, 0);
            } finally {
                leave();
            }
            if (count == 0 && wanted > 0) {
                return -1;
            }
            if (direct) {
                destination.position(destination.position() + (int) count);
            } else {
                destination.put(in.buffer.limit((int) count));
            }
            return (int) count;
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        synchronized (out) {
            int wanted = Math.min(source.remaining(), LONGEST_WRITE);
            long address = out.address;
            if (source.isDirect()) {
                address = MemorySegment.ofBuffer(source).address();
            } else {
                out.buffer.clear().put(0, source, source.position(), wanted);
            }
            enter();
            long count;
            try {
                count = syscalls.call("write", out.error, Syscalls.WRITE, descriptor, address, wanted, 0);
            } finally {
                leave();
            }
            source.position(source.position() + (int) count);
            return (int) count;
        }
    }

    /**
     * Makes an ioctl(2) with an address.
     *
     * @throws ClosedChannelException when it is closed: the descriptor may be another's by now
     */
    void control(long request, long address) throws IOException {
        enter();
        try {
            syscalls.call("ioctl", Syscalls.errorRoom(), Syscalls.IOCTL, descriptor, request, address, 0);
        } finally {
            leave();
        }
    }

    @Override
    public synchronized boolean isOpen() {
        return !closed;
    }

    /**
     * Shuts a connection down, which wakes whoever is in a call; the last of them gives the descriptor back. Nothing wakes
     * the reader of a terminal but what is written to it, or its end.
     */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        MemorySegment error = Syscalls.errorRoom();
        try {
            if (socket) {
                syscalls.call("shutdown", error, Syscalls.SHUTDOWN, descriptor, SHUT_RDWR, 0, 0);
            }
        } finally {
            if (inCalls == 0) {
                release(error);
            }
        }
    }

    private synchronized void enter() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        inCalls++;
    }

    private synchronized void leave() throws IOException {
        inCalls--;
        if (closed && inCalls == 0) {
            release(Syscalls.errorRoom());
        }
    }

    private void release(MemorySegment error) throws IOException {
        syscalls.call("close", error, Syscalls.CLOSE, descriptor, 0, 0, 0);
    }
}
