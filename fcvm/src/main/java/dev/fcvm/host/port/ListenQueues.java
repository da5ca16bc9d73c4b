package dev.fcvm.host.port;

import dev.fcvm.host.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * How many connections may wait for a process of the user's to accept them. libslirp listens with a backlog of one, so
 * that of many callers at once all but two lose their first packet and come again after a second, then two, then four
 * (tcp(7), {@code tcp_syn_retries}): two hundred took over a minute.
 */
public final class ListenQueues {

    private static final int LONGEST = 4096; // the kernel cuts it to net.core.somaxconn
    private static final int SOL_SOCKET = 1;
    private static final int SO_ACCEPTCONN = 30;
    private static final int ENOTSOCK = 88;
    private static final int EBADF = 9;

    private ListenQueues() {}

    /**
     * Lengthens the queues of all sockets on which a process listens now, by listen(2) on duplicates of them
     * (pidfd_getfd(2), Linux 5.6). That takes the right to trace the process, which its user has.
     *
     * @throws IOException when the kernel does not allow it, as in a container whose seccomp filter knows better, or the
     *     process has ended; the sockets work as they did
     */
    public static void lengthen(long process) throws IOException {
        long handle = checked(NativeCalls.call(NativeCalls.PIDFD_OPEN, process, 0, 0), "open process " + process);
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(process), "fd"))) {
            for (Path descriptor : descriptors) {
                if (isSocket(descriptor)) {
                    lengthen(handle, Integer.parseInt(descriptor.getFileName().toString()));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } finally {
            NativeCalls.call(NativeCalls.CLOSE, handle, 0, 0);
        }
    }

    private static boolean isSocket(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (NoSuchFileException closed) {
            return false;
        }
    }

    private static void lengthen(long process, int descriptor) throws IOException {
        long socket = NativeCalls.call(NativeCalls.PIDFD_GETFD, process, descriptor, 0);
        if (socket == -EBADF) {
            return; // closed since it was listed
        }
        checked(socket, "take a socket of process " + process);
        try {
            if (listens(socket)) {
                checked(NativeCalls.call(NativeCalls.LISTEN, socket, LONGEST, 0), "lengthen a queue");
            }
        } finally {
            NativeCalls.call(NativeCalls.CLOSE, socket, 0, 0);
        }
    }

    /** One that does not listen would begin to. */
    private static boolean listens(long socket) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            long result = NativeCalls.call(
                    NativeCalls.GETSOCKOPT, socket, SOL_SOCKET, SO_ACCEPTCONN, value.address(), size.address());
            if (result == -ENOTSOCK) {
                return false; // the number is another file's by now
            }
            checked(result, "ask a socket");
            return value.get(ValueLayout.JAVA_INT, 0) != 0;
        }
    }

    private static long checked(long result, String what) throws IOException {
        if (result < 0) {
            throw new IOException("cannot %s: error %d".formatted(what, -result));
        }
        return result;
    }
}
