package dev.fcvm.volume.ext4;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.nodes.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A directory of the host as it is when it is read: what there is, without what is in the files. Sockets are left out:
 * they mean nothing elsewhere.
 */
public final class SourceTree implements ImageSource {

    /** A single file is the only one in a directory of its own, and has this name there. */
    public static final String SINGLE = "file";

    private final Path path;
    private final boolean single;
    private final List<SourceNode> nodes = new ArrayList<>();
    private final Map<Identity, SourceNode> seen = new HashMap<>();

    private record Identity(long device, long inode) {}

    /** A file of the host. */
    private record HostFile(OpenFile file) implements FileContent {

        @Override
        public FileStatus status() throws IOException {
            return file.status();
        }

        @Override
        public OptionalLong dataFrom(long from) throws IOException {
            return file.dataFrom(from);
        }

        @Override
        public long holeFrom(long from) throws IOException {
            return file.holeFrom(from);
        }

        @Override
        public int read(ByteBuffer into, long from) throws IOException {
            return file.read(into, from);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private SourceTree(Path path, boolean single) {
        this.path = path;
        this.single = single;
    }

    /**
     * Reads a directory.
     *
     * @throws SourceException when something in it cannot be read, which names it
     */
    public static SourceTree directory(Path path) throws SourceException {
        var tree = new SourceTree(path, false);
        try (OpenDirectory root = open(path)) {
            SourceNode node = tree.node(root.status(), "", root.attributes(), Optional.empty(), "");
            tree.scan(root, node);
            return tree;
        } catch (SourceException told) {
            throw told;
        } catch (IOException failure) {
            throw new SourceException(path.toString(), failure);
        }
    }

    /**
     * Reads a single file.
     *
     * @throws SourceException when it cannot be read
     */
    public static SourceTree file(Path path) throws SourceException {
        var tree = new SourceTree(path, true);
        try (OpenDirectory directory = open(parent(path))) {
            SourceNode root = tree.node(directory.status(), "", Map.of(), Optional.empty(), "");
            String name = String.valueOf(path.getFileName());
            FileStatus status = directory.status(name);
            SourceNode file = tree.node(status, "", directory.attributes(name), Optional.of(root), SINGLE);
            file.data(data(directory, name, status));
            root.add(SINGLE, file);
            return tree;
        } catch (IOException failure) {
            throw new SourceException(path.toString(), failure);
        }
    }

    private static OpenDirectory open(Path path) throws IOException {
        return OpenDirectory.open(path);
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? Path.of("/") : parent;
    }

    @Override
    public List<SourceNode> nodes() {
        return nodes;
    }

    /** Returns the root. */
    public SourceNode root() {
        return nodes.getFirst();
    }

    private SourceNode node(
            FileStatus status,
            String target,
            Map<String, byte[]> attributes,
            Optional<SourceNode> parent,
            String name) {
        int inode = nodes.isEmpty() ? Ext4.ROOT_INODE : Ext4.FIRST_INODE + nodes.size() - 1;
        var node = new SourceNode(status, target, attributes, parent, name, inode);
        nodes.add(node);
        return node;
    }

    private void scan(OpenDirectory directory, SourceNode into) throws IOException {
        List<String> names = new ArrayList<>(directory.names());
        names.sort(null);
        for (String name : names) {
            try {
                scan(directory, name, into);
            } catch (SourceException told) {
                throw told;
            } catch (IOException failure) {
                throw new SourceException(where(into, name), failure);
            }
        }
    }

    private void scan(OpenDirectory directory, String name, SourceNode into) throws IOException {
        FileStatus status = directory.status(name);
        if (status.kind() == NodeKind.SOCKET) {
            return;
        }
        var identity = new Identity(status.device(), status.inode());
        boolean several = status.kind() != NodeKind.DIRECTORY && status.links() > 1;
        SourceNode known = several ? seen.get(identity) : null;
        if (known != null) {
            into.add(name, known);
            return;
        }
        String target = status.kind() == NodeKind.LINK ? directory.target(name) : "";
        SourceNode node = node(status, target, directory.attributes(name), Optional.of(into), name);
        node.data(data(directory, name, status));
        into.add(name, node);
        if (several) {
            seen.put(identity, node);
        }
        if (status.kind() == NodeKind.DIRECTORY) {
            try (OpenDirectory below = directory.directory(name)) {
                scan(below, node);
            }
        }
    }

    /** Only a file that takes less of the disk than its size can have holes; it may be packed as well. */
    private static long data(OpenDirectory directory, String name, FileStatus status) throws IOException {
        long all = Geometry.ceil(status.size(), Ext4.BLOCK);
        if (status.kind() != NodeKind.FILE || status.allocated() >= status.size()) {
            return status.kind() == NodeKind.FILE ? all : 0;
        }
        long blocks = 0;
        try (OpenFile file = directory.file(name)) {
            OptionalLong from = file.dataFrom(0);
            while (from.isPresent() && from.getAsLong() < status.size()) {
                long end = file.holeFrom(from.getAsLong());
                blocks += Geometry.ceil(end, Ext4.BLOCK) - from.getAsLong() / Ext4.BLOCK;
                from = file.dataFrom(end);
            }
        }
        return Math.min(blocks, all);
    }

    /** Each directory is open while its files are shown. */
    @Override
    public void visit(Visitor visitor) throws IOException {
        if (single) {
            try (OpenDirectory directory = open(parent(path))) {
                show(visitor, root(), directory);
                show(visitor, root().children().getFirst().node(), directory);
            }
            return;
        }
        try (OpenDirectory directory = open(path)) {
            show(visitor, root(), directory);
            visit(root(), directory, visitor);
        } catch (SourceException told) {
            throw told;
        }
    }

    private void show(Visitor visitor, SourceNode node, OpenDirectory directory) throws IOException {
        visitor.visit(node, () -> new HostFile(directory.file(nameOnHost(node))));
    }

    private void visit(SourceNode node, OpenDirectory directory, Visitor visitor) throws IOException {
        for (SourceNode.Named child : node.children()) {
            SourceNode below = child.node();
            boolean first = below.parent().filter(parent -> parent == node).isPresent()
                    && below.name().equals(child.name());
            if (!first) {
                continue;
            }
            show(visitor, below, directory);
            if (below.status().kind() == NodeKind.DIRECTORY) {
                try (OpenDirectory opened = directory.directory(child.name())) {
                    visit(below, opened, visitor);
                } catch (SourceException told) {
                    throw told;
                } catch (IOException failure) {
                    throw new SourceException(where(below), failure);
                }
            }
        }
    }

    /** Returns the name under which a node is found in its directory on the host. */
    private String nameOnHost(SourceNode node) {
        return single ? String.valueOf(path.getFileName()) : node.name();
    }

    @Override
    public String where(SourceNode node) {
        if (node.parent().isEmpty() || single) {
            return path.toString();
        }
        return where(node.parent().get(), node.name());
    }

    private String where(SourceNode directory, String name) {
        return (directory.parent().isEmpty() ? path.toString() : where(directory)) + "/" + name;
    }
}
