package dev.fcvm.host.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path inside a tree, in bytes, as Linux has names: relative to the tree's root, and nowhere up. The root itself is the
 * path without a name.
 */
public final class TreePath {

    /** Linux's own bounds: PATH_MAX with its final NUL, and NAME_MAX. */
    private static final int LONGEST_PATH = 4095;

    private static final int LONGEST_NAME = 255;

    private static final TreePath ROOT = new TreePath(List.of());

    private final List<byte[]> names;

    private TreePath(List<byte[]> names) {
        this.names = names;
    }

    /** Returns the path of the tree's root. */
    public static TreePath root() {
        return ROOT;
    }

    /**
     * Reads one that somebody else wrote. Empty names and {@code .} are left out, as Linux does.
     *
     * @throws TreeException when it is absolute, goes up, is too long, or holds a NUL
     */
    public static TreePath parse(byte[] path) throws TreeException {
        if (path.length > LONGEST_PATH) {
            throw new TreeException("path", Errno.ENAMETOOLONG);
        }
        if (path.length > 0 && path[0] == '/') {
            throw new TreeException("an absolute path", Errno.EACCES);
        }
        List<byte[]> names = new ArrayList<>();
        int start = 0;
        for (int at = 0; at <= path.length; at++) {
            if (at < path.length && path[at] == 0) {
                throw new TreeException("a path with a NUL", Errno.EINVAL);
            }
            if (at == path.length || path[at] == '/') {
                byte[] name = Arrays.copyOfRange(path, start, at);
                start = at + 1;
                if (isUp(name)) {
                    throw new TreeException("a path that goes up", Errno.EACCES);
                }
                if (name.length > LONGEST_NAME) {
                    throw new TreeException("name", Errno.ENAMETOOLONG);
                }
                if (name.length > 0 && !(name.length == 1 && name[0] == '.')) {
                    names.add(name);
                }
            }
        }
        return new TreePath(names);
    }

    private static boolean isUp(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    /** Returns whether this is the tree's root. */
    public boolean isRoot() {
        return names.isEmpty();
    }

    /** Returns the directory this is in; of the root the root. */
    TreePath parent() {
        return isRoot() ? this : new TreePath(names.subList(0, names.size() - 1));
    }

    /**
     * Returns the last name.
     *
     * @throws TreeException for the root, which has none in this tree
     */
    byte[] name() throws TreeException {
        if (isRoot()) {
            throw new TreeException("the tree's root", Errno.EBUSY);
        }
        return names.getLast();
    }

    /** Returns whether the path is this one name, right in the root. */
    public boolean isOnly(byte[] name) {
        return names.size() == 1 && Arrays.equals(names.getFirst(), name);
    }

    /** Returns it as Linux reads it; the root as {@code .}. */
    public byte[] bytes() {
        if (isRoot()) {
            return new byte[] {'.'};
        }
        int length = names.size() - 1;
        for (byte[] name : names) {
            length += name.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] name : names) {
            if (at > 0) {
                all[at++] = '/';
            }
            System.arraycopy(name, 0, all, at, name.length);
            at += name.length;
        }
        return all;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TreePath path && Arrays.equals(bytes(), path.bytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes());
    }
}
