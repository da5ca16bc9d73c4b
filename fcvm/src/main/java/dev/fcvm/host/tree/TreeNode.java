package dev.fcvm.host.tree;

import dev.fcvm.host.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A file of any kind that was found in a tree, and that is held whatever becomes of its name. Nothing has been done to it:
 * a device is not opened. For one thread.
 */
public final class TreeNode implements AutoCloseable {

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int SYS_CHMOD = 90;
    private static final int SYS_TRUNCATE = 76;
    private static final int SYS_FCHOWNAT = 260;
    private static final int SYS_READLINKAT = 267;
    private static final int SYS_UTIMENSAT = 280;
    private static final int LONGEST_LINK = 4096;

    /** Files of these are a door to the kernel, or to the very process that serves the tree. */
    private static final long PROC = 0x9fa0;

    private static final long SYSFS = 0x62656572;

    private static final int SET_USER = 04000;
    private static final int SET_GROUP = 02000;
    private static final int PERMISSIONS = 07777;

    private final Descriptor held;

    TreeNode(Descriptor held) {
        this.held = held;
    }

    /** Returns what it is. */
    public FileStatus status() throws TreeException {
        return held.status();
    }

    /** Returns how much room there is where it lies. */
    public Space space() throws TreeException {
        return held.space();
    }

    /** Returns where a symbolic link points, which nobody has followed. */
    public byte[] target() throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_LINK);
            long length = Descriptor.checked(
                    "readlink",
                    NativeCalls.call(
                            SYS_READLINKAT,
                            held.number(),
                            arena.allocateFrom("").address(),
                            out.address(),
                            LONGEST_LINK,
                            0));
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * Sets its permissions. What would let a program run as another user is refused: who writes here may be a stranger to
     * the user whose file it is.
     */
    public void permit(int mode) throws TreeException {
        FileStatus status = changeable();
        if (status.isLink()) {
            throw new TreeException("chmod of a symbolic link", Errno.EOPNOTSUPP);
        }
        refuseOtherUsers(mode, status.isDirectory());
        try (Arena arena = Arena.ofConfined()) {
            Descriptor.checked("chmod", NativeCalls.call(SYS_CHMOD, held.itself(arena), mode & PERMISSIONS, 0, 0, 0));
        }
    }

    static void refuseOtherUsers(int mode, boolean directory) throws TreeException {
        if ((mode & SET_USER) != 0 || (!directory && (mode & SET_GROUP) != 0)) {
            throw new TreeException("a set-user-ID or set-group-ID program", Errno.EPERM);
        }
    }

    /** Gives it to another user and group; -1 leaves one as it is. */
    public void own(int user, int group) throws TreeException {
        changeable();
        try (Arena arena = Arena.ofConfined()) {
            Descriptor.checked(
                    "chown",
                    NativeCalls.call(
                            SYS_FCHOWNAT,
                            held.number(),
                            arena.allocateFrom("").address(),
                            Integer.toUnsignedLong(user),
                            Integer.toUnsignedLong(group),
                            AT_EMPTY_PATH));
        }
    }

    /** Sets when it was read and written, in seconds since 1970. */
    public void date(long accessed, long modified) throws TreeException {
        changeable();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment times = arena.allocate(ValueLayout.JAVA_LONG, 4);
            times.setAtIndex(ValueLayout.JAVA_LONG, 0, accessed);
            times.setAtIndex(ValueLayout.JAVA_LONG, 2, modified);
            Descriptor.checked(
                    "utimensat",
                    NativeCalls.call(
                            SYS_UTIMENSAT,
                            held.number(),
                            arena.allocateFrom("").address(),
                            times.address(),
                            AT_EMPTY_PATH,
                            0));
        }
    }

    /** Cuts or extends a regular file. */
    public void cut(long size) throws TreeException {
        regular();
        try (Arena arena = Arena.ofConfined()) {
            Descriptor.checked("truncate", NativeCalls.call(SYS_TRUNCATE, held.itself(arena), size, 0, 0, 0));
        }
    }

    /**
     * Opens it, if it is a regular file.
     *
     * @param flags O_WRONLY, O_RDWR, O_APPEND, O_TRUNC of open(2)
     */
    TreeFile open(int flags) throws TreeException {
        regular();
        return new TreeFile(held.again(flags | Descriptor.O_NONBLOCK));
    }

    /** Opens it, if it is a directory. */
    TreeListing list() throws TreeException {
        refuseKernel();
        return new TreeListing(held.again(Descriptor.O_DIRECTORY));
    }

    private void regular() throws TreeException {
        FileStatus status = held.status();
        if (status.isDirectory()) {
            throw new TreeException("open of a directory", Errno.EISDIR);
        }
        if (!status.isRegular()) {
            throw new TreeException("open of what is no regular file", Errno.EACCES);
        }
        refuseKernel();
    }

    private void refuseKernel() throws TreeException {
        long kind = held.fileSystem();
        if (kind == PROC || kind == SYSFS) {
            throw new TreeException("a file of the kernel's", Errno.EACCES);
        }
    }

    /** A device is not changed, since it is no part of the tree: only its name is. */
    private FileStatus changeable() throws TreeException {
        FileStatus status = held.status();
        if (!status.isRegular() && !status.isDirectory() && !status.isLink()) {
            throw new TreeException("a change of what is no file, directory or link", Errno.EACCES);
        }
        refuseKernel();
        return status;
    }

    @Override
    public void close() {
        held.close();
    }
}
