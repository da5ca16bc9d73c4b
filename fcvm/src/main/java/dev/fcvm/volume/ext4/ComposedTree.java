package dev.fcvm.volume.ext4;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A tree that is put together in memory, of what an image holds and of what is added to it. */
public final class ComposedTree implements ImageSource {

    private static final int DEEPEST = 1000;

    private final List<SourceNode> nodes = new ArrayList<>();
    private final IdentityHashMap<SourceNode, Entry> entries = new IdentityHashMap<>();

    /** Something in it, under one name or several. */
    public static final class Entry {

        private FileStatus status;
        private final String target;
        private Map<String, byte[]> attributes;
        private final Optional<SegmentedContent> content;
        private final Map<String, Entry> children = new TreeMap<>();

        /**
         * @param target where a symbolic link leads to; empty for anything else
         * @param attributes extended ones, by their whole names
         * @param content of a file
         */
        public Entry(
                FileStatus status, String target, Map<String, byte[]> attributes, Optional<SegmentedContent> content) {
            this.status = status;
            this.target = target;
            this.attributes = Map.copyOf(attributes);
            this.content = content;
        }

        /** Returns what is known of it. */
        public FileStatus status() {
            return status;
        }

        /** Returns where a symbolic link leads to. */
        public String target() {
            return target;
        }

        /** Returns its extended attributes, by their whole names. */
        public Map<String, byte[]> attributes() {
            return attributes;
        }

        /** Returns what is in a file. */
        public Optional<SegmentedContent> content() {
            return content;
        }

        /** Returns whether it is a directory. */
        public boolean isDirectory() {
            return status.kind() == NodeKind.DIRECTORY;
        }

        /** Returns what is in it, by its name; may be changed. */
        public Map<String, Entry> children() {
            return children;
        }

        /** Takes over what is known of another directory, but not what is in it. */
        public void describe(Entry other) {
            status = other.status;
            attributes = other.attributes;
        }
    }

    private ComposedTree() {}

    /** Reads all an image holds, without what is in the files: the reader must stay open. */
    public static Entry read(ImageReader image) throws IOException {
        return read(image, image.root(), new TreeMap<>(), new HashSet<>(), 0);
    }

    private static Entry read(
            ImageReader image, ImageNode node, Map<Integer, Entry> known, Set<Integer> directories, int depth)
            throws IOException {
        Entry there = known.get(node.inode());
        if (there != null) {
            return there;
        }
        boolean file = node.kind() == NodeKind.FILE;
        var entry = new Entry(
                ImageFiles.status(node),
                node.kind() == NodeKind.LINK ? image.target(node) : "",
                image.attributes(node),
                file ? Optional.of(ImageFiles.open(image, node)) : Optional.empty());
        if (node.kind() != NodeKind.DIRECTORY) {
            known.put(node.inode(), entry);
            return entry;
        }
        if (depth > DEEPEST || !directories.add(node.inode())) {
            throw new IOException("its directories are in each other, or deeper than " + DEEPEST);
        }
        for (Map.Entry<String, Integer> child : image.names(node).entrySet()) {
            ImageNode below = image.node(child.getValue());
            if (below.kind() != NodeKind.SOCKET && !isOwn(depth, child.getKey())) {
                entry.children().put(child.getKey(), read(image, below, known, directories, depth + 1));
            }
        }
        return entry;
    }

    /** What e2fsck makes is the file system's own, and nobody's content. */
    private static boolean isOwn(int depth, String name) {
        return depth == 0 && name.equals("lost+found");
    }

    /** Makes one of what has been put together. */
    public static ComposedTree of(Entry root) {
        var tree = new ComposedTree();
        tree.add(root, Optional.empty(), "", new IdentityHashMap<>());
        return tree;
    }

    private SourceNode add(Entry entry, Optional<SourceNode> parent, String name, Map<Entry, SourceNode> known) {
        SourceNode there = known.get(entry);
        if (there != null) {
            return there;
        }
        int inode = nodes.isEmpty() ? Ext4.ROOT_INODE : Ext4.FIRST_INODE + nodes.size() - 1;
        var node = new SourceNode(entry.status, entry.target, entry.attributes, parent, name, inode);
        node.data(entry.content.map(SegmentedContent::blocks).orElse(0L));
        nodes.add(node);
        entries.put(node, entry);
        known.put(entry, node);
        entry.children.forEach((child, below) -> node.add(child, add(below, Optional.of(node), child, known)));
        return node;
    }

    @Override
    public List<SourceNode> nodes() {
        return nodes;
    }

    @Override
    public void visit(Visitor visitor) throws IOException {
        for (SourceNode node : nodes) {
            visitor.visit(
                    node,
                    () -> Optional.ofNullable(entries.get(node))
                            .flatMap(entry -> entry.content)
                            .orElseThrow(() -> new IOException("it has no content")));
        }
    }

    @Override
    public String where(SourceNode node) {
        return node.parent().map(parent -> where(parent) + "/" + node.name()).orElse("");
    }
}
