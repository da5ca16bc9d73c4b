package dev.fcvm.host.tree;

import dev.fcvm.host.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An open file descriptor, and the calls of the kernel that take one. For one thread. */
final class Descriptor implements AutoCloseable {

    static final int O_WRONLY = 01;
    static final int O_RDWR = 02;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NOCTTY = 0400;
    static final int O_TRUNC = 01000;
    static final int O_APPEND = 02000;
    static final int O_NONBLOCK = 04000;
    static final int O_DIRECTORY = 0200000;
    static final int O_NOFOLLOW = 0400000;
    static final int O_CLOEXEC = 02000000;
    static final int O_PATH = 010000000;

    static final long AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_NO_AUTOMOUNT = 0x800;
    private static final int AT_EMPTY_PATH = 0x1000;

    private static final int RESOLVE_NO_MAGICLINKS = 2;
    private static final int RESOLVE_NO_SYMLINKS = 4;
    private static final int RESOLVE_BENEATH = 8;

    private static final int SYS_CLOSE = 3;
    private static final int SYS_FSTATFS = 138;
    private static final int SYS_OPENAT = 257;
    private static final int SYS_STATX = 332;
    private static final int SYS_OPENAT2 = 437;

    /** type, mode, links, users, times, inode, size, blocks, and the time of birth. */
    private static final int STATX_ALL = 0xfff;

    private static final int STATX_SIZE = 256;
    private static final int STATFS_SIZE = 120;
    private static final int OPEN_HOW_SIZE = 24;

    /** The lookup was disturbed by a rename elsewhere; the kernel asks for another try (openat2(2)). */
    private static final int MOST_TRIES = 1000;

    private final long number;

    private Descriptor(long number) {
        this.number = number;
    }

    long number() {
        return number;
    }

    /** Opens a directory by its path in the whole file system. */
    static Descriptor ofDirectory(byte[] path) throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            return new Descriptor(checked(
                    "open",
                    NativeCalls.call(SYS_OPENAT, AT_FDCWD, text(arena, path), O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0)));
        }
    }

    /**
     * Opens what is below this directory, and nothing else: the kernel itself refuses whatever leads out of it, and any
     * symbolic link on the way, whoever changes the tree meanwhile. The last name may be a symbolic link where
     * {@link #O_PATH} and {@link #O_NOFOLLOW} are given, and is then that link.
     */
    Descriptor below(byte[] path, int flags, int mode) throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(OPEN_HOW_SIZE, Long.BYTES);
            how.set(ValueLayout.JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 8, mode);
            how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
            long name = text(arena, path);
            long result = -Errno.EAGAIN;
            for (int tries = 0; tries < MOST_TRIES && result == -Errno.EAGAIN; tries++) {
                result = NativeCalls.call(SYS_OPENAT2, number, name, how.address(), OPEN_HOW_SIZE, 0);
            }
            return new Descriptor(checked("open", result));
        }
    }

    /** Opens the very file this is, however it is called by now. */
    Descriptor again(int flags) throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            return new Descriptor(checked(
                    "open", NativeCalls.call(SYS_OPENAT, AT_FDCWD, itself(arena), flags | O_CLOEXEC | O_NOCTTY, 0, 0)));
        }
    }

    /** Returns the address of a path that leads to the very file this is. */
    long itself(Arena arena) {
        return arena.allocateFrom("/proc/self/fd/" + number).address();
    }

    FileStatus status() throws TreeException {
        return statx(new byte[0], AT_EMPTY_PATH);
    }

    /**
     * Returns what is of this name in this directory; a symbolic link itself.
     *
     * @param name one name, without a slash
     */
    FileStatus statusOf(byte[] name) throws TreeException {
        return statx(name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
    }

    private FileStatus statx(byte[] name, int flags) throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(STATX_SIZE, Long.BYTES);
            long address = text(arena, name);
            checked("stat", NativeCalls.call(SYS_STATX, number, address, flags, STATX_ALL, out.address()));
            long born = out.get(ValueLayout.JAVA_LONG, 80) * 1_000_000_000L + out.get(ValueLayout.JAVA_INT, 88);
            long device = ((long) out.get(ValueLayout.JAVA_INT, 136) << 32)
                    | Integer.toUnsignedLong(out.get(ValueLayout.JAVA_INT, 140));
            return new FileStatus(
                    new FileStatus.Identity(device, out.get(ValueLayout.JAVA_LONG, 32), born),
                    Short.toUnsignedInt(out.get(ValueLayout.JAVA_SHORT, 28)),
                    out.get(ValueLayout.JAVA_INT, 20),
                    out.get(ValueLayout.JAVA_INT, 24),
                    Integer.toUnsignedLong(out.get(ValueLayout.JAVA_INT, 16)),
                    out.get(ValueLayout.JAVA_LONG, 40),
                    out.get(ValueLayout.JAVA_LONG, 64),
                    out.get(ValueLayout.JAVA_LONG, 112));
        }
    }

    private MemorySegment statfs(Arena arena) throws TreeException {
        MemorySegment out = arena.allocate(STATFS_SIZE, Long.BYTES);
        checked("statfs", NativeCalls.call(SYS_FSTATFS, number, out.address(), 0, 0, 0));
        return out;
    }

    Space space() throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = statfs(arena);
            return new Space(
                    out.get(ValueLayout.JAVA_LONG, 8),
                    out.get(ValueLayout.JAVA_LONG, 16),
                    out.get(ValueLayout.JAVA_LONG, 24),
                    out.get(ValueLayout.JAVA_LONG, 32),
                    out.get(ValueLayout.JAVA_LONG, 40),
                    out.get(ValueLayout.JAVA_LONG, 48),
                    out.get(ValueLayout.JAVA_LONG, 56),
                    out.get(ValueLayout.JAVA_LONG, 64));
        }
    }

    /** Returns the magic number of the file system it is on. */
    long fileSystem() throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            return statfs(arena).get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** Returns the address of bytes, and a NUL behind them. */
    static long text(Arena arena, byte[] bytes) {
        MemorySegment out = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, out, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return out.address();
    }

    static long checked(String call, long result) throws TreeException {
        if (result < 0) {
            throw new TreeException(call, (int) -result);
        }
        return result;
    }

    /** No error of it is of use: the descriptor is gone in any case (close(2)). */
    @Override
    public void close() {
        NativeCalls.call(SYS_CLOSE, number, 0, 0, 0, 0);
    }
}
