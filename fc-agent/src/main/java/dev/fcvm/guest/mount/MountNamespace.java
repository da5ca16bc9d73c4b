package dev.fcvm.guest.mount;

import dev.fcvm.guest.system.Syscalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A container's mount namespace, mount_namespaces(7). The calling thread is in it from then on, with the container's root
 * directory for its own, and must end: whatever links the container has put on the way lead to its own files.
 */
final class MountNamespace {

    private static final long AT_FDCWD = -100;
    private static final long AT_EMPTY_PATH = 0x1000;
    private static final long OPEN_TREE_CLONE = 1;
    private static final long O_CLOEXEC = 0x80000;
    private static final long O_CREAT_EXCL = 0x40 | 0x80;
    private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final long CLONE_FS = 0x200;
    private static final long CLONE_NEWNS = 0x20000;
    private static final long MNT_DETACH = 2;
    private static final long MOUNT_ATTR_RDONLY = 1;
    private static final int EEXIST = 17;

    private final Syscalls syscalls = Syscalls.shared();
    private final MemorySegment error = Syscalls.errorRoom();
    private final String namespace;
    private final List<ByteBuffer> texts = new ArrayList<>();

    /**
     * @param namespace {@code /proc/N/ns/mnt}
     */
    MountNamespace(String namespace) {
        this.namespace = namespace;
    }

    /**
     * Shows the container something that is mounted here.
     *
     * @param source a path here
     * @param target an absolute path there; what of it is not there is made
     */
    void attach(String source, String target, boolean directory, boolean readOnly) throws IOException {
        long tree = syscalls.call(
                "open_tree", error, Syscalls.OPEN_TREE, AT_FDCWD, text(source), OPEN_TREE_CLONE | O_CLOEXEC, 0);
        try {
            if (readOnly) {
                makeReadOnly(tree);
            }
            enter();
            make(target, directory);
            syscalls.call(
                    "move_mount",
                    error,
                    Syscalls.MOVE_MOUNT,
                    tree,
                    text(""),
                    AT_FDCWD,
                    text(target),
                    MOVE_MOUNT_F_EMPTY_PATH);
        } finally {
            syscalls.call("close", error, Syscalls.CLOSE, tree, 0, 0, 0);
        }
    }

    /** So that a program gets the usual error; that nothing is written the host sees to. */
    private void makeReadOnly(long tree) throws IOException {
        // struct mount_attr: what to set, what to clear, propagation, a user namespace.
        ByteBuffer attributes = Syscalls.memory(4 * Long.BYTES).putLong(0, MOUNT_ATTR_RDONLY);
        texts.add(attributes);
        syscalls.call(
                "mount_setattr",
                error,
                Syscalls.MOUNT_SETATTR,
                tree,
                text(""),
                AT_EMPTY_PATH,
                Syscalls.addressOf(attributes),
                4 * Long.BYTES);
    }

    /** Takes what is mounted there away, also from those who use it. */
    void detach(String target) throws IOException {
        enter();
        syscalls.call("umount", error, Syscalls.UMOUNT2, text(target), MNT_DETACH, 0, 0);
    }

    private void enter() throws IOException {
        long file = syscalls.call("open " + namespace, error, Syscalls.OPEN, text(namespace), O_CLOEXEC, 0, 0);
        try {
            // What is shared with other threads cannot be in another namespace.
            syscalls.call("unshare", error, Syscalls.UNSHARE, CLONE_FS, 0, 0, 0);
            syscalls.call("setns", error, Syscalls.SETNS, file, CLONE_NEWNS, 0, 0);
        } finally {
            syscalls.call("close", error, Syscalls.CLOSE, file, 0, 0, 0);
        }
    }

    private void make(String target, boolean directory) throws IOException {
        for (int slash = target.indexOf('/', 1); slash > 0; slash = target.indexOf('/', slash + 1)) {
            makeDirectory(target.substring(0, slash));
        }
        if (directory) {
            makeDirectory(target);
            return;
        }
        try {
            long file = syscalls.call("open", error, Syscalls.OPEN, text(target), O_CREAT_EXCL | O_CLOEXEC, 0644, 0);
            syscalls.call("close", error, Syscalls.CLOSE, file, 0, 0, 0);
        } catch (Syscalls.Refused there) {
            if (there.number() != EEXIST) {
                throw there;
            }
        }
    }

    private void makeDirectory(String path) throws IOException {
        try {
            syscalls.call("mkdir", error, Syscalls.MKDIR, text(path), 0755, 0, 0);
        } catch (Syscalls.Refused there) {
            if (there.number() != EEXIST) {
                throw there;
            }
        }
    }

    /** Returns the address of a text; its memory stays as long as this. */
    private long text(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer memory = Syscalls.memory(bytes.length + 1);
        memory.put(0, bytes);
        texts.add(memory);
        return Syscalls.addressOf(memory);
    }
}
