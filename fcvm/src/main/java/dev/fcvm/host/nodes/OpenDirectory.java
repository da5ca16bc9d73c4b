package dev.fcvm.host.nodes;

import dev.fcvm.host.text.RawPaths;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory that is open. What is done with a name is done in this directory: a name with a slash is none, and a
 * symbolic link is never followed. For one thread.
 */
public final class OpenDirectory extends OpenNode {

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_NOFOLLOW = 0x20000;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_DIRECTORY = 0x10000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int NOREPLACE = 1;
    private static final int EXCHANGE = 2;
    private static final int LISTING = 64 << 10;
    private static final int LONGEST_LINK = 4096;

    private OpenDirectory(int descriptor) {
        super(descriptor);
    }

    /**
     * Opens a directory, wherever links lead to it.
     *
     * @throws IOException when there is none, or it may not be read
     */
    public static OpenDirectory open(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long name = Kernel.text(arena, RawPaths.text(path));
            return new OpenDirectory((int) Kernel.call(Kernel.OPENAT, AT_FDCWD, name, O_DIRECTORY | O_CLOEXEC, 0, 0));
        }
    }

    /** Returns the names in it, in no order; without {@code .} and {@code ..}. */
    public List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        Kernel.call(Kernel.LSEEK, descriptor(), 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment listing = arena.allocate(LISTING, 8);
            while (true) {
                int length = (int) Kernel.call(Kernel.GETDENTS64, descriptor(), listing.address(), LISTING);
                if (length == 0) {
                    return names;
                }
                for (int at = 0; at < length; ) {
                    int size = Short.toUnsignedInt(listing.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 16));
                    int end = at + 19;
                    while (listing.get(ValueLayout.JAVA_BYTE, end) != 0) {
                        end++;
                    }
                    byte[] name = listing.asSlice(at + 19, end - at - 19).toArray(ValueLayout.JAVA_BYTE);
                    String text = RawText.decode(ByteBuffer.wrap(name));
                    if (!text.equals(".") && !text.equals("..")) {
                        names.add(text);
                    }
                    at += size;
                }
            }
        }
    }

    /** Returns what a name stands for. */
    public FileStatus status(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return status(arena, descriptor(), Kernel.name(arena, name), 0);
        }
    }

    /** The same, of a name there may not be. */
    public Optional<FileStatus> find(String name) throws IOException {
        try {
            return Optional.of(status(name));
        } catch (Kernel.Refused refused) {
            if (refused.number() == Kernel.ENOENT) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /** Opens this very directory once more. */
    public OpenDirectory again() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return new OpenDirectory((int)
                    Kernel.call(Kernel.OPENAT, descriptor(), Kernel.text(arena, "."), O_DIRECTORY | O_CLOEXEC, 0, 0));
        }
    }

    /**
     * Waits until all that was written to its file system is on the disk. An error of the disk is told to whoever had it
     * open before.
     */
    public void syncFileSystem() throws IOException {
        Kernel.call(Kernel.SYNCFS, descriptor(), 0, 0);
    }

    /** Opens a directory in it. */
    public OpenDirectory directory(String name) throws IOException {
        return new OpenDirectory(open(name, O_DIRECTORY, 0));
    }

    /** Opens a file in it for reading. */
    public OpenFile file(String name) throws IOException {
        return new OpenFile(open(name, O_NONBLOCK, 0));
    }

    /** Makes a file that is for its user alone, and opens it; there must not be anything of its name. */
    public OpenFile createFile(String name) throws IOException {
        return new OpenFile(open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
    }

    private int open(String name, int flags, int mode) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) Kernel.call(
                    Kernel.OPENAT, descriptor(), Kernel.name(arena, name), flags | O_NOFOLLOW | O_CLOEXEC, mode, 0);
        }
    }

    /** Makes a directory that is for its user alone. */
    public void createDirectory(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(Kernel.MKDIRAT, descriptor(), Kernel.name(arena, name), 0700);
        }
    }

    /** Makes a symbolic link. Where it leads to is nobody's business here. */
    public void createLink(String name, String target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(Kernel.SYMLINKAT, Kernel.text(arena, target), descriptor(), Kernel.name(arena, name));
        }
    }

    /** Makes a named pipe that is for its user alone. */
    public void createPipe(String name) throws IOException {
        createPipe(name, 0600);
    }

    /** Makes a named pipe with these permissions, as far as the process's umask lets it. */
    public void createPipe(String name, int mode) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(Kernel.MKNODAT, descriptor(), Kernel.name(arena, name), NodeKind.PIPE.bits() | mode, 0, 0);
        }
    }

    /** Gives something in another directory a name in this one as well. */
    public void createName(String name, OpenDirectory other, String othersName) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    Kernel.LINKAT,
                    other.descriptor(),
                    Kernel.name(arena, othersName),
                    descriptor(),
                    Kernel.name(arena, name),
                    0);
        }
    }

    /** Returns where a symbolic link leads to. */
    public String target(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(LONGEST_LINK);
            int length = (int) Kernel.call(
                    Kernel.READLINKAT, descriptor(), Kernel.name(arena, name), target.address(), LONGEST_LINK, 0);
            return RawText.decode(ByteBuffer.wrap(target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    /**
     * Gives something in it another name, unless there is something of that name.
     *
     * @return whether there was nothing
     */
    public boolean rename(String from, String to) throws IOException {
        try {
            rename(from, to, NOREPLACE);
            return true;
        } catch (Kernel.Refused refused) {
            if (refused.number() == Kernel.EEXIST) {
                return false;
            }
            throw refused;
        }
    }

    /** Exchanges what two names in it stand for, at once. */
    public void exchange(String one, String other) throws IOException {
        rename(one, other, EXCHANGE);
    }

    private void rename(String from, String to, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    Kernel.RENAMEAT2,
                    descriptor(),
                    Kernel.name(arena, from),
                    descriptor(),
                    Kernel.name(arena, to),
                    flags);
        }
    }

    /** Takes a name away; a directory must be empty. */
    public void delete(String name, NodeKind kind) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    Kernel.UNLINKAT,
                    descriptor(),
                    Kernel.name(arena, name),
                    kind == NodeKind.DIRECTORY ? AT_REMOVEDIR : 0);
        }
    }

    /** Sets owner and group of what a name stands for, a link itself included. */
    public void setOwner(String name, int uid, int gid) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    Kernel.FCHOWNAT,
                    descriptor(),
                    Kernel.name(arena, name),
                    Integer.toUnsignedLong(uid),
                    Integer.toUnsignedLong(gid),
                    AT_SYMLINK_NOFOLLOW);
        }
    }

    /** Sets the times of what a name stands for, a link itself included. */
    public void setTimes(String name, FileTime accessed, FileTime modified) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    Kernel.UTIMENSAT,
                    descriptor(),
                    Kernel.name(arena, name),
                    times(arena, accessed, modified),
                    AT_SYMLINK_NOFOLLOW,
                    0);
        }
    }

    /** Returns the extended attributes of what a name stands for, a link itself included. */
    public Map<String, byte[]> attributes(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.name(arena, name);
            return attributesOf("/proc/self/fd/" + descriptor() + "/" + name);
        }
    }
}
