package dev.fcvm.volume.ext4;

import static dev.fcvm.volume.ext4.Geometry.BLOCK;

import dev.fcvm.host.RawText;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Writes a tree into a new ext4 file system: one pass, in time linear in what there is. Holes stay holes, and what is
 * free takes no room on the host.
 */
public final class ImageWriter {

    private static final int PIECE = 1 << 20;
    private static final int SMALL_JOURNAL = 1024;
    /** How long a journal is at most, in blocks. */
    static final int JOURNAL = 4096;

    private static final int SHORT_LINK = 60;

    private final FileChannel channel;
    private final ImageSource tree;
    private final Options options;
    private final Geometry geometry;
    private final Allocation allocation;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private final int[] directories;

    /**
     * How the file system is to be.
     *
     * @param size in bytes, at least; 0 for as large as its content
     * @param writable whether it is written to: it has a journal then
     * @param uuid its 16 bytes
     * @param label at most 16 letters
     * @param uids from owners on the host to those in it
     * @param gids the same for groups
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Options(
            long size, boolean writable, byte[] uuid, String label, IntUnaryOperator uids, IntUnaryOperator gids) {}

    private ImageWriter(FileChannel channel, ImageSource tree, Options options, Geometry geometry) {
        this.channel = channel;
        this.tree = tree;
        this.options = options;
        this.geometry = geometry;
        this.allocation = new Allocation(geometry);
        this.directories = new int[geometry.groups()];
    }

    /**
     * Writes one.
     *
     * @param image the file, which must not be there yet; it is for its user alone
     * @throws SourceException when something of the tree cannot be read, or changes meanwhile
     * @throws TooLargeException when there is more than the size has room for
     */
    public static void write(Path image, ImageSource tree, Options options) throws IOException {
        long content = content(tree) + (options.writable() ? JOURNAL : 0);
        long free = options.writable() ? tree.nodes().size() + 8192L : 0;
        Geometry geometry = Geometry.of(content, options.size(), tree.nodes().size() + free + Geometry.FIRST_INODE);
        if (options.size() > 0 && geometry.blocks() * BLOCK > options.size() + (1L << 20)) {
            throw new TooLargeException();
        }
        try (FileChannel channel = FileChannel.open(
                image,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            new ImageWriter(channel, tree, options, geometry).write();
        }
    }

    /** Returns how many blocks a tree takes at most. */
    public static long content(ImageSource tree) {
        long blocks = 0;
        for (SourceNode node : tree.nodes()) {
            long own = node.status().kind() == NodeKind.FILE ? node.data() : 1;
            if (node.status().kind() == NodeKind.DIRECTORY) {
                long names = node.children().stream()
                        .mapToLong(child -> RawText.encode(child.name()).length + 12L)
                        .sum();
                // A block that is not quite full, and the index.
                own = 2 + Geometry.ceil(names, BLOCK - 264) + names / BLOCK / 100;
            }
            blocks += own + own / 300 + (own > 4 ? 1 : 0) + (node.attributes().isEmpty() ? 0 : 1);
        }
        return blocks;
    }

    private void write() throws IOException {
        channel.write(ByteBuffer.allocate(1), geometry.blocks() * BLOCK - 1);
        byte[] journal = options.writable() ? journal() : new byte[0];
        tree.visit(this::write);
        // The last bytes: until these are there it is no file system.
        finish(journal);
        channel.force(false);
    }

    private byte[] journal() throws IOException {
        int blocks = geometry.blocks() < 8L * JOURNAL ? SMALL_JOURNAL : JOURNAL;
        List<Extent> extents = allocation.take(0, blocks);
        ByteBuffer head = ByteBuffer.allocate(BLOCK).order(ByteOrder.BIG_ENDIAN);
        head.putInt(Journal.MAGIC).putInt(Journal.SUPERBLOCK).putInt(0);
        head.putInt(BLOCK).putInt(blocks).putInt(1).putInt(1).putInt(0);
        head.put(48, options.uuid()).putInt(64, 1);
        write(head.position(0), extents.getFirst().physical());
        ExtentMap.Written map = ExtentMap.write(extents, allocation, this::write);
        FileTime now = now();
        inode(
                Geometry.JOURNAL,
                new InodeRecord()
                        .kind(NodeKind.FILE, 0600)
                        .size((long) blocks * BLOCK)
                        .links(1)
                        .blocks((long) blocks + map.blocks())
                        .flags(InodeRecord.EXTENTS)
                        .times(now, now, now)
                        .map(map.root()));
        return map.root();
    }

    private static FileTime now() {
        return new FileTime(System.currentTimeMillis() / 1000, 0);
    }

    private void write(SourceNode node, ImageSource.Opener opener) throws IOException {
        try {
            FileStatus status = node.status();
            InodeRecord record = new InodeRecord()
                    .kind(status.kind(), status.mode())
                    .owner(
                            options.uids().applyAsInt(status.uid()),
                            options.gids().applyAsInt(status.gid()))
                    .links(node.names())
                    .times(status.accessed(), status.modified(), status.changed());
            long attributes = 0;
            if (!node.attributes().isEmpty()) {
                long block = attributes(node.attributes());
                attributes = block == 0 ? 0 : 1;
                record.attributes(block);
            }
            switch (status.kind()) {
                case DIRECTORY -> directory(node, record, attributes);
                case LINK -> link(node, record, attributes);
                case FILE -> file(node, opener, record, attributes);
                case CHARACTERS, BLOCKS ->
                    record.device(status.major(), status.minor()).blocks(attributes);
                case PIPE, SOCKET -> record.blocks(attributes);
            }
            inode(node.inode(), record);
        } catch (SourceException | TooLargeException told) {
            throw told;
        } catch (IOException failure) {
            throw new SourceException(tree.where(node), failure);
        }
    }

    private long attributes(Map<String, byte[]> attributes) throws IOException {
        ByteBuffer block = AttributeBlock.of(attributes, 1);
        if (block.getInt(32) == 0) {
            return 0; // none that means something on ext4
        }
        long number = allocation.take();
        write(block, number);
        return number;
    }

    private void directory(SourceNode node, InodeRecord record, long attributes) throws IOException {
        List<DirectoryBlocks.Entry> entries = new ArrayList<>(node.children().size());
        int below = 0;
        for (SourceNode.Named child : node.children()) {
            NodeKind kind = child.node().status().kind();
            entries.add(new DirectoryBlocks.Entry(
                    RawText.encode(child.name()), child.node().inode(), kind));
            below += kind == NodeKind.DIRECTORY ? 1 : 0;
        }
        int parent = node.parent().map(SourceNode::inode).orElse(Geometry.ROOT);
        List<ByteBuffer> blocks = DirectoryBlocks.of(node.inode(), parent, entries, seed());
        int group = (node.inode() - 1) / geometry.inodesPerGroup();
        directories[group]++;
        ExtentMap.Written map = content(blocks);
        record.size((long) blocks.size() * BLOCK)
                .links(2 + below)
                .blocks(blocks.size() + map.blocks() + attributes)
                .flags(InodeRecord.EXTENTS | (DirectoryBlocks.isIndexed(blocks.size()) ? InodeRecord.INDEXED : 0))
                .map(map.root());
    }

    private ExtentMap.Written content(List<ByteBuffer> blocks) throws IOException {
        List<Extent> extents = allocation.take(0, blocks.size());
        for (Extent extent : extents) {
            for (int i = 0; i < extent.length(); i++) {
                write(blocks.get((int) extent.logical() + i), extent.physical() + i);
            }
        }
        return ExtentMap.write(extents, allocation, this::write);
    }

    private void link(SourceNode node, InodeRecord record, long attributes) throws IOException {
        byte[] target = RawText.encode(node.target());
        record.size(target.length);
        if (target.length < SHORT_LINK) {
            record.map(target).blocks(attributes);
            return;
        }
        ExtentMap.Written map = content(List.of(ByteBuffer.allocate(BLOCK).put(0, target)));
        record.blocks(1 + attributes).flags(InodeRecord.EXTENTS).map(map.root());
    }

    private void file(SourceNode node, ImageSource.Opener opener, InodeRecord record, long attributes)
            throws IOException {
        try (FileContent file = opener.open()) {
            unchanged(node, file.status());
            long size = node.status().size();
            List<Extent> extents = new ArrayList<>();
            long blocks = 0;
            long at = 0;
            while (at < size) {
                OptionalLong data = file.dataFrom(at);
                if (data.isEmpty() || data.getAsLong() >= size) {
                    break;
                }
                long first = Math.max(data.getAsLong() / BLOCK, at / BLOCK);
                long end = Geometry.ceil(Math.min(file.holeFrom(data.getAsLong()), size), BLOCK);
                List<Extent> runs = allocation.take(first, end - first);
                for (Extent run : runs) {
                    copy(file, run, size, node);
                }
                extents.addAll(runs);
                blocks += end - first;
                at = end * BLOCK;
            }
            unchanged(node, file.status());
            ExtentMap.Written map = ExtentMap.write(extents, allocation, this::write);
            record.size(size)
                    .blocks(blocks + map.blocks() + attributes)
                    .flags(InodeRecord.EXTENTS)
                    .map(map.root());
        }
    }

    private void copy(FileContent file, Extent run, long size, SourceNode node) throws IOException {
        long from = run.logical() * BLOCK;
        long end = Math.min(size, (run.logical() + run.length()) * BLOCK);
        while (from < end) {
            piece.clear().limit((int) Math.min(PIECE, end - from));
            int wanted = piece.remaining();
            if (file.read(piece, from) != wanted) {
                throw changed(node);
            }
            long to = run.physical() * BLOCK + from - run.logical() * BLOCK;
            piece.flip();
            while (piece.hasRemaining()) {
                to += channel.write(piece, to);
            }
            from += wanted;
        }
    }

    private void unchanged(SourceNode node, FileStatus now) throws SourceException {
        FileStatus then = node.status();
        if (now.inode() != then.inode()
                || now.size() != then.size()
                || !now.modified().equals(then.modified())
                || !now.changed().equals(then.changed())) {
            throw changed(node);
        }
    }

    private SourceException changed(SourceNode node) {
        return new SourceException(
                tree.where(node), "it changed while it was read; try again when nobody writes to it");
    }

    private int[] seed() {
        ByteBuffer uuid = ByteBuffer.wrap(options.uuid()).order(ByteOrder.LITTLE_ENDIAN);
        return new int[] {uuid.getInt(0), uuid.getInt(4), uuid.getInt(8), uuid.getInt(12) | 1};
    }

    private void write(ByteBuffer bytes, long block) throws IOException {
        writeAt(bytes, block * BLOCK);
    }

    private void writeAt(ByteBuffer bytes, long at) throws IOException {
        ByteBuffer left = bytes.duplicate().position(0);
        long to = at;
        while (left.hasRemaining()) {
            to += channel.write(left, to);
        }
    }

    private void inode(int number, InodeRecord record) throws IOException {
        writeAt(record.bytes(), geometry.inode(number));
    }

    private void finish(byte[] journal) throws IOException {
        int usedInodes = Geometry.FIRST_INODE - 1 + tree.nodes().size() - 1;
        long freeBlocks = 0;
        ByteBuffer descriptors =
                ByteBuffer.allocate(geometry.descriptorBlocks() * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        for (int group = 0; group < geometry.groups(); group++) {
            int used = allocation.used(group);
            int free = geometry.size(group) - used;
            freeBlocks += free;
            int firstInode = group * geometry.inodesPerGroup();
            int inodes = Math.clamp((long) usedInodes - firstInode, 0, geometry.inodesPerGroup());
            bitmap(geometry.blockBitmap(group), used, geometry.size(group));
            bitmap(geometry.inodeBitmap(group), inodes, geometry.inodesPerGroup());
            descriptors
                    .putInt((int) geometry.blockBitmap(group))
                    .putInt((int) geometry.inodeBitmap(group))
                    .putInt((int) geometry.inodeTable(group))
                    .putShort((short) free)
                    .putShort((short) (geometry.inodesPerGroup() - inodes))
                    .putShort((short) directories[group]);
            descriptors.position((group + 1) * Geometry.DESCRIPTOR);
        }
        var content = new Superblock.Content(
                geometry,
                freeBlocks,
                (long) geometry.inodes() - usedInodes,
                options.writable(),
                options.uuid(),
                options.label(),
                seed(),
                now().seconds(),
                journal,
                (long) (geometry.blocks() < 8L * JOURNAL ? SMALL_JOURNAL : JOURNAL) * BLOCK);
        for (int group = geometry.groups() - 1; group >= 0; group--) {
            if (Geometry.hasCopy(group)) {
                write(descriptors, geometry.firstBlock(group) + 1);
                long at = geometry.firstBlock(group) * BLOCK + (group == 0 ? Superblock.OFFSET : 0);
                writeAt(Superblock.of(content, group), at);
            }
        }
    }

    /** The first of these bits are set, and those behind the last one. */
    private void bitmap(long block, int used, int size) throws IOException {
        byte[] bits = new byte[BLOCK];
        set(bits, 0, used);
        set(bits, size, BLOCK * 8);
        write(ByteBuffer.wrap(bits), block);
    }

    private static void set(byte[] bits, int from, int to) {
        for (int bit = from; bit < to; bit++) {
            if (bit % 8 == 0 && bit + 8 <= to) {
                bits[bit / 8] = (byte) 0xff;
                bit += 7;
            } else {
                bits[bit / 8] |= (byte) (1 << (bit % 8));
            }
        }
    }
}
