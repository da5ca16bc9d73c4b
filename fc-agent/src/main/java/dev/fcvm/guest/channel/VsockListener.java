package dev.fcvm.guest.channel;

import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.DescriptorChannel;
import dev.fcvm.guest.system.Syscalls;
import dev.fcvm.link.Dialer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ByteChannel;

/**
 * Waits on a vsock port for the host: the way to it on Firecracker, where the host connects to a Unix socket and names
 * the port. One connection at a time; the listener lives as long as the agent, so nothing wakes a call of {@link #dial()}
 * but a host: the link's thread is a daemon, and ends with the process.
 */
public final class VsockListener implements Dialer {

    /** The port agreed with the host. */
    static final int PORT = 1024;

    private static final int AF_VSOCK = 40;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int VMADDR_CID_ANY = -1;

    /** A host that reconnects may do so before we have noticed that it went away. */
    private static final int BACKLOG = 4;

    private static final int ADDRESS_BYTES = 16;

    private final Syscalls syscalls;
    private final MemorySegment error;
    private long socket = -1;

    VsockListener() {
        this.syscalls = Syscalls.shared();
        this.error = Syscalls.errorRoom();
    }

    @Override
    public ByteChannel dial() throws IOException {
        if (socket < 0) {
            socket = listen();
        }
        long connection = syscalls.call("accept", error, Syscalls.ACCEPT4, socket, 0, 0, SOCK_CLOEXEC);
        // A restored machine's first word from outside is a connection; and the session before it may be writing to the
        // console that it ended with, so it cannot be left to that thread.
        SerialConsole.restart(syscalls, error);
        return DescriptorChannel.ofSocket(syscalls, connection);
    }

    private long listen() throws IOException {
        long fresh = syscalls.call("socket", error, Syscalls.SOCKET, AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            // struct sockaddr_vm: family, reserved, port, context id, flags, zeroes.
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_VSOCK);
            address.set(ValueLayout.JAVA_INT, 4, PORT);
            address.set(ValueLayout.JAVA_INT, 8, VMADDR_CID_ANY);
            syscalls.call("bind", error, Syscalls.BIND, fresh, address.address(), ADDRESS_BYTES, 0);
            syscalls.call("listen", error, Syscalls.LISTEN, fresh, BACKLOG, 0, 0);
            return fresh;
        } catch (IOException e) {
            syscalls.call("close", error, Syscalls.CLOSE, fresh, 0, 0, 0);
            throw new IOException("cannot listen on vsock port " + PORT + ": " + Console.reason(e), e);
        }
    }
}
