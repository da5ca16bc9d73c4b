package dev.fcvm.host.nodes;

import dev.fcvm.host.NativeCalls;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** A file or directory that is open. For one thread. */
public abstract sealed class OpenNode implements AutoCloseable permits OpenFile, OpenDirectory {

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int BASIC_STATS = 0x7ff;
    private static final int SECTOR = 512;
    private static final int STATUS_SIZE = 256;

    /** The kernel's own limits, see xattr(7). */
    private static final int LARGEST_LIST = 64 << 10;

    private static final int LARGEST_VALUE = 64 << 10;

    private final int descriptor;
    private boolean closed;

    OpenNode(int descriptor) {
        this.descriptor = descriptor;
    }

    final int descriptor() {
        return descriptor;
    }

    /** Returns what it is. */
    public final FileStatus status() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return status(arena, descriptor, Kernel.text(arena, ""), AT_EMPTY_PATH);
        }
    }

    static FileStatus status(Arena arena, int directory, long name, int flags) throws IOException {
        MemorySegment said = arena.allocate(STATUS_SIZE, 8);
        Kernel.call(Kernel.STATX, directory, name, flags | AT_SYMLINK_NOFOLLOW, BASIC_STATS, said.address());
        int mode = Short.toUnsignedInt(said.get(ValueLayout.JAVA_SHORT, 28));
        return new FileStatus(
                NodeKind.of(mode).orElseThrow(() -> new IOException("it is nothing this version knows")),
                mode & 0xfff,
                said.get(ValueLayout.JAVA_INT, 20),
                said.get(ValueLayout.JAVA_INT, 24),
                said.get(ValueLayout.JAVA_LONG, 40),
                said.get(ValueLayout.JAVA_LONG, 48) * SECTOR,
                Integer.toUnsignedLong(said.get(ValueLayout.JAVA_INT, 16)),
                said.get(ValueLayout.JAVA_LONG, 32),
                ((long) said.get(ValueLayout.JAVA_INT, 136) << 32)
                        | Integer.toUnsignedLong(said.get(ValueLayout.JAVA_INT, 140)),
                said.get(ValueLayout.JAVA_INT, 128),
                said.get(ValueLayout.JAVA_INT, 132),
                time(said, 64),
                time(said, 112),
                time(said, 96));
    }

    private static FileTime time(MemorySegment said, int at) {
        return new FileTime(said.get(ValueLayout.JAVA_LONG, at), said.get(ValueLayout.JAVA_INT, at + 8));
    }

    /** Sets its owner and group. Clears the bits that give these away: the mode is to be set after. */
    public final void setOwner(int uid, int gid) throws IOException {
        Kernel.call(Kernel.FCHOWN, descriptor, Integer.toUnsignedLong(uid), Integer.toUnsignedLong(gid));
    }

    /** Sets the twelve lower bits of its mode. */
    public final void setMode(int mode) throws IOException {
        Kernel.call(Kernel.FCHMOD, descriptor, mode, 0);
    }

    /** Sets when it was read and changed. */
    public final void setTimes(FileTime accessed, FileTime modified) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(Kernel.UTIMENSAT, descriptor, 0, times(arena, accessed, modified), 0, 0);
        }
    }

    static long times(Arena arena, FileTime accessed, FileTime modified) {
        MemorySegment times = arena.allocate(32, 8);
        times.set(ValueLayout.JAVA_LONG, 0, accessed.seconds());
        times.set(ValueLayout.JAVA_LONG, 8, accessed.nanos());
        times.set(ValueLayout.JAVA_LONG, 16, modified.seconds());
        times.set(ValueLayout.JAVA_LONG, 24, modified.nanos());
        return times.address();
    }

    /** Returns its extended attributes, by their whole names. */
    public final Map<String, byte[]> attributes() throws IOException {
        return attributes("/proc/self/fd/" + descriptor + "/.", "/proc/self/fd/" + descriptor);
    }

    /** A descriptor's own name in /proc is a link, which these calls must follow; a directory's dot is none. */
    private Map<String, byte[]> attributes(String directory, String file) throws IOException {
        return this instanceof OpenDirectory ? attributesOf(directory) : attributesByDescriptor(file);
    }

    static Map<String, byte[]> attributesOf(String path) throws IOException {
        return read(Kernel.LLISTXATTR, Kernel.LGETXATTR, path);
    }

    private static Map<String, byte[]> attributesByDescriptor(String path) throws IOException {
        // Those that follow links: listxattr and getxattr.
        return read(Kernel.LLISTXATTR - 1, Kernel.LGETXATTR - 1, path);
    }

    private static Map<String, byte[]> read(int list, int get, String path) throws IOException {
        Map<String, byte[]> attributes = new TreeMap<>();
        try (Arena arena = Arena.ofConfined()) {
            long where = Kernel.text(arena, path);
            long length = NativeCalls.call(list, where, 0, 0);
            if (length <= 0) {
                if (length == 0 || length == -Kernel.EOPNOTSUPP) {
                    return attributes;
                }
                throw new Kernel.Refused((int) -length);
            }
            MemorySegment names = arena.allocate(LARGEST_LIST);
            length = Kernel.call(list, where, names.address(), LARGEST_LIST);
            MemorySegment value = arena.allocate(LARGEST_VALUE);
            int from = 0;
            for (int at = 0; at < length; at++) {
                if (names.get(ValueLayout.JAVA_BYTE, at) == 0) {
                    String name = RawText.decode(
                            ByteBuffer.wrap(names.asSlice(from, at - from).toArray(ValueLayout.JAVA_BYTE)));
                    long size = NativeCalls.call(get, where, Kernel.text(arena, name), value.address(), LARGEST_VALUE);
                    if (size >= 0) {
                        attributes.put(name, value.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
                    } else if (size != -Kernel.ENODATA && size != -Kernel.EOPNOTSUPP) {
                        throw new Kernel.Refused((int) -size);
                    }
                    from = at + 1;
                }
            }
        }
        return attributes;
    }

    /** Sets an extended attribute by its whole name. */
    public final void setAttribute(String name, byte[] value) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, bytes, ValueLayout.JAVA_BYTE, 0, value.length);
            Kernel.call(
                    Kernel.LSETXATTR - 1,
                    Kernel.text(arena, "/proc/self/fd/" + descriptor),
                    Kernel.text(arena, name),
                    bytes.address(),
                    value.length,
                    0);
        }
    }

    /** Removes an extended attribute by its whole name. */
    public final void removeAttribute(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    Kernel.LREMOVEXATTR - 1,
                    Kernel.text(arena, "/proc/self/fd/" + descriptor),
                    Kernel.text(arena, name),
                    0);
        }
    }

    /** Waits until it is on the disk. */
    public final void sync() throws IOException {
        Kernel.call(Kernel.FSYNC, descriptor, 0, 0);
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            NativeCalls.call(Kernel.CLOSE, descriptor, 0, 0);
        }
    }
}
