package dev.fcvm.volume.ext4;

import dev.fcvm.host.nodes.FileStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Something that goes into an image. It may have several names there. */
public final class SourceNode {

    private final FileStatus status;
    private final String target;
    private final Map<String, byte[]> attributes;
    private final List<Named> children = new ArrayList<>();
    private final Optional<SourceNode> parent;
    private final String name;
    private final int inode;
    private int names;
    private long data;

    /** Something in a directory. */
    public record Named(String name, SourceNode node) {}

    SourceNode(
            FileStatus status,
            String target,
            Map<String, byte[]> attributes,
            Optional<SourceNode> parent,
            String name,
            int inode) {
        this.status = status;
        this.target = target;
        this.attributes = attributes;
        this.parent = parent;
        this.name = name;
        this.inode = inode;
    }

    /** Returns what it is, on the host. */
    public FileStatus status() {
        return status;
    }

    /** Returns where a symbolic link leads to; empty for anything else. */
    String target() {
        return target;
    }

    /** Returns its extended attributes, by their whole names. */
    Map<String, byte[]> attributes() {
        return attributes;
    }

    /** Returns what is in a directory. */
    public List<Named> children() {
        return children;
    }

    /** Returns its inode in the image. */
    public int inode() {
        return inode;
    }

    /** Returns how many names it has in the image. */
    int names() {
        return names;
    }

    /** Returns how many blocks of data a file has; holes have none. */
    long data() {
        return data;
    }

    void data(long blocks) {
        data = blocks;
    }

    Optional<SourceNode> parent() {
        return parent;
    }

    /** Returns its first name. */
    String name() {
        return name;
    }

    void add(String child, SourceNode node) {
        children.add(new Named(child, node));
        node.names++;
    }
}
