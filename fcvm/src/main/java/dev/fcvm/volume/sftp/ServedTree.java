package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.ConfinedTree;
import dev.fcvm.host.tree.ConfinedTree.Opening;
import dev.fcvm.host.tree.Errno;
import dev.fcvm.host.tree.FileStatus;
import dev.fcvm.host.tree.Space;
import dev.fcvm.host.tree.TreeException;
import dev.fcvm.host.tree.TreeFile;
import dev.fcvm.host.tree.TreeListing;
import dev.fcvm.host.tree.TreeNode;
import dev.fcvm.host.tree.TreePath;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A tree with what its share allows: whether it may be changed, and which of its files there are at all. */
final class ServedTree implements AutoCloseable {

    private final ConfinedTree tree;
    private final boolean writable;
    private final Optional<byte[]> only;
    private final OptionalLong fixed;

    private ServedTree(ConfinedTree tree, Share share) {
        this.tree = tree;
        this.writable = share.writable();
        this.fixed = share.fixed();
        this.only = share.only().map(name -> name.getBytes(StandardCharsets.UTF_8));
    }

    static ServedTree open(Share share) throws TreeException {
        return new ServedTree(ConfinedTree.open(share.directory()), share);
    }

    /** Finds something that is only looked at. */
    TreeNode find(TreePath path) throws TreeException {
        return tree.find(seen(path));
    }

    FileStatus status(TreePath path) throws TreeException {
        try (TreeNode node = find(path)) {
            return node.status();
        }
    }

    byte[] target(TreePath path) throws TreeException {
        try (TreeNode node = find(path)) {
            return node.target();
        }
    }

    Space space(TreePath path) throws TreeException {
        try (TreeNode node = find(path)) {
            return node.space();
        }
    }

    /** Finds something that is to be changed. */
    TreeNode change(TreePath path) throws TreeException {
        refuseReadOnly();
        refuseFixed();
        if (path.isRoot() && only.isPresent()) {
            throw new TreeException("a change beside the file", Errno.EACCES);
        }
        return tree.find(seen(path));
    }

    TreeListing list(TreePath path) throws TreeException {
        return tree.list(seen(path));
    }

    /** Leaves out of a listing what is not shared. */
    List<TreeListing.Entry> shown(List<TreeListing.Entry> entries) {
        return only.isEmpty()
                ? entries
                : entries.stream()
                        .filter(entry -> Arrays.equals(entry.name(), only.get()))
                        .toList();
    }

    TreeFile open(TreePath path, Opening how) throws TreeException {
        if (how.changes()) {
            refuseReadOnly();
        }
        if (how.truncate() || how.append()) {
            refuseFixed();
        }
        return tree.open(seen(path), how);
    }

    void makeDirectory(TreePath path, int mode) throws TreeException {
        tree.makeDirectory(named(path), mode);
    }

    void remove(TreePath path) throws TreeException {
        tree.remove(named(path));
    }

    void removeDirectory(TreePath path) throws TreeException {
        tree.removeDirectory(named(path));
    }

    void rename(TreePath from, TreePath to, boolean replace) throws TreeException {
        tree.rename(named(from), named(to), replace);
    }

    void link(TreePath from, TreePath to) throws TreeException {
        tree.link(named(from), named(to));
    }

    void symlink(byte[] target, TreePath path) throws TreeException {
        tree.symlink(target, named(path));
    }

    /** Returns a path whose name is to change: not where one file is shared, whose name is all there is. */
    private TreePath named(TreePath path) throws TreeException {
        refuseReadOnly();
        if (only.isPresent()) {
            throw new TreeException("a change of names beside the file", Errno.EACCES);
        }
        return path;
    }

    void refuseReadOnly() throws TreeException {
        if (!writable) {
            throw new TreeException("a change of a read-only mapping", Errno.EROFS);
        }
    }

    /** Refuses to change what a file is, where only its content may change. */
    void refuseFixed() throws TreeException {
        if (fixed.isPresent()) {
            throw new TreeException("a change of a disk's own attributes", Errno.EACCES);
        }
    }

    /** Refuses to write behind the end of a file whose size stays. */
    void refuseBeyond(long offset, int length) throws TreeException {
        if (fixed.isPresent() && (offset < 0 || offset > fixed.getAsLong() - length)) {
            throw new TreeException("a disk's end", Errno.EFBIG);
        }
    }

    private TreePath seen(TreePath path) throws TreeException {
        if (only.isPresent() && !path.isRoot() && !path.isOnly(only.get())) {
            throw new TreeException("a file beside the one that is shared", Errno.ENOENT);
        }
        return path;
    }

    @Override
    public void close() {
        tree.close();
    }
}
