package dev.fcvm.host.tree;

import dev.fcvm.host.NativeCalls;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A directory of the host and what is below it, for somebody who is not trusted. Everything goes by descriptors: a path is
 * looked up by the kernel from the directory downwards (openat2(2), Linux 5.6), which refuses {@code ..} that leads out,
 * absolute paths and symbolic links. So nobody who changes the tree at the same time, on whichever side, can have a path
 * lead elsewhere: there is no check that a change could come behind. The directory is the one that was there when it was
 * opened, wherever it is moved. What is mounted below it is part of it.
 *
 * <p>Only regular files are opened; devices, pipes, sockets and the files of the kernel (procfs, sysfs) are not. It has the
 * rights of this process. For one thread.
 */
public final class ConfinedTree implements AutoCloseable {

    private static final int SYS_MKDIRAT = 258;
    private static final int SYS_UNLINKAT = 263;
    private static final int SYS_LINKAT = 265;
    private static final int SYS_SYMLINKAT = 266;
    private static final int SYS_RENAMEAT2 = 316;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int RENAME_NOREPLACE = 1;

    /** Somebody makes and removes the very file again and again; that is his own fault. */
    private static final int MOST_TRIES = 100;

    /**
     * How a file is to be opened, as open(2) has it.
     *
     * @param create whether it is made when it is not there
     * @param exclusive whether it must not be there
     * @param mode the permissions of one that is made
     */
    public record Opening(
            boolean read,
            boolean write,
            boolean append,
            boolean create,
            boolean exclusive,
            boolean truncate,
            int mode) {

        private int flags() {
            int access = write ? (read ? Descriptor.O_RDWR : Descriptor.O_WRONLY) : 0;
            return access | (append ? Descriptor.O_APPEND : 0);
        }

        /** Returns whether it changes anything. */
        public boolean changes() {
            return write || append || create || truncate;
        }
    }

    private final Descriptor root;

    private ConfinedTree(Descriptor root) {
        this.root = root;
    }

    /** Opens a directory. */
    public static ConfinedTree open(Path directory) throws TreeException {
        return new ConfinedTree(
                Descriptor.ofDirectory(directory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** Finds a file of any kind; a symbolic link itself. */
    public TreeNode find(TreePath path) throws TreeException {
        return new TreeNode(root.below(path.bytes(), Descriptor.O_PATH | Descriptor.O_NOFOLLOW, 0));
    }

    /** Opens a directory to be read. */
    public TreeListing list(TreePath path) throws TreeException {
        try (TreeNode node = find(path)) {
            return node.list();
        }
    }

    /** Opens a regular file. */
    public TreeFile open(TreePath path, Opening how) throws TreeException {
        TreeException last = new TreeException("open", Errno.EIO);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            if (how.create()) {
                try {
                    return make(path, how);
                } catch (TreeException e) {
                    if (e.number() != Errno.EEXIST || how.exclusive()) {
                        throw e;
                    }
                }
            }
            try (TreeNode node = find(path)) {
                return node.open(how.flags() | (how.truncate() ? Descriptor.O_TRUNC : 0));
            } catch (TreeException e) {
                if (e.number() != Errno.ENOENT || !how.create()) {
                    throw e;
                }
                last = e;
            }
        }
        throw last;
    }

    private TreeFile make(TreePath path, Opening how) throws TreeException {
        path.name();
        int flags = how.flags() | Descriptor.O_CREAT | Descriptor.O_EXCL | Descriptor.O_NOFOLLOW;
        TreeFile file = new TreeFile(root.below(path.bytes(), flags, how.mode() & 0777));
        boolean whole = false;
        try {
            file.permit(how.mode());
            whole = true;
            return file;
        } finally {
            if (!whole) {
                file.close();
            }
        }
    }

    /** Makes a directory. */
    public void makeDirectory(TreePath path, int mode) throws TreeException {
        try (Descriptor parent = parent(path);
                Arena arena = Arena.ofConfined()) {
            long name = Descriptor.text(arena, path.name());
            Descriptor.checked("mkdir", NativeCalls.call(SYS_MKDIRAT, parent.number(), name, mode & 01777, 0, 0));
            // The umask has taken its part of the mode.
            try (TreeNode made =
                    new TreeNode(parent.below(path.name(), Descriptor.O_PATH | Descriptor.O_NOFOLLOW, 0))) {
                if (made.status().isDirectory()) {
                    made.permit(mode & 01777);
                }
            }
        }
    }

    /** Removes a name that is no directory's. */
    public void remove(TreePath path) throws TreeException {
        unlink(path, 0);
    }

    /** Removes an empty directory. */
    public void removeDirectory(TreePath path) throws TreeException {
        unlink(path, AT_REMOVEDIR);
    }

    private void unlink(TreePath path, int flags) throws TreeException {
        try (Descriptor parent = parent(path);
                Arena arena = Arena.ofConfined()) {
            long name = Descriptor.text(arena, path.name());
            Descriptor.checked("unlink", NativeCalls.call(SYS_UNLINKAT, parent.number(), name, flags, 0, 0));
        }
    }

    /**
     * Gives something another name.
     *
     * @param replace whether what has that name already makes way, at once
     */
    public void rename(TreePath from, TreePath to, boolean replace) throws TreeException {
        try (Descriptor source = parent(from);
                Descriptor target = parent(to);
                Arena arena = Arena.ofConfined()) {
            Descriptor.checked(
                    "rename",
                    NativeCalls.call(
                            SYS_RENAMEAT2,
                            source.number(),
                            Descriptor.text(arena, from.name()),
                            target.number(),
                            Descriptor.text(arena, to.name()),
                            replace ? 0 : RENAME_NOREPLACE));
        }
    }

    /** Gives a file one more name; of a symbolic link, to the link itself. */
    public void link(TreePath from, TreePath to) throws TreeException {
        try (Descriptor source = parent(from);
                Descriptor target = parent(to);
                Arena arena = Arena.ofConfined()) {
            Descriptor.checked(
                    "link",
                    NativeCalls.call(
                            SYS_LINKAT,
                            source.number(),
                            Descriptor.text(arena, from.name()),
                            target.number(),
                            Descriptor.text(arena, to.name()),
                            0));
        }
    }

    /** Makes a symbolic link. Where it points is nobody's business here: nobody follows it. */
    public void symlink(byte[] target, TreePath path) throws TreeException {
        for (byte one : target) {
            if (one == 0) {
                throw new TreeException("a link with a NUL", Errno.EINVAL);
            }
        }
        try (Descriptor parent = parent(path);
                Arena arena = Arena.ofConfined()) {
            Descriptor.checked(
                    "symlink",
                    NativeCalls.call(
                            SYS_SYMLINKAT,
                            Descriptor.text(arena, target),
                            parent.number(),
                            Descriptor.text(arena, path.name()),
                            0,
                            0));
        }
    }

    private Descriptor parent(TreePath path) throws TreeException {
        path.name();
        return root.below(path.parent().bytes(), Descriptor.O_PATH | Descriptor.O_DIRECTORY, 0);
    }

    @Override
    public void close() {
        root.close();
    }
}
