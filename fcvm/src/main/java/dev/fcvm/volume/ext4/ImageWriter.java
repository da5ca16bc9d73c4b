package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import dev.fcvm.host.ext4.Attributes;
import dev.fcvm.host.ext4.Directory;
import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.Extent;
import dev.fcvm.host.ext4.InodeContent;
import dev.fcvm.host.ext4.InodeRecord;
import dev.fcvm.host.ext4.NameHash;
import dev.fcvm.host.ext4.Superblock;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
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
    /** An image that is found to be damaged is written to no more. */
    private static final int READ_ONLY_THEN = 2;

    /** How long a journal is at most, in blocks. */
    static final int JOURNAL = 4096;

    private final FileChannel channel;
    private final ImageSource tree;
    private final Options options;
    private final Geometry geometry;
    private final Allocation allocation;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private final int[] directories;
    private final NameHash hash;

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
        this.hash = new NameHash(seed());
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
        Geometry geometry = Geometry.of(content, options.size(), tree.nodes().size() + free + Ext4.FIRST_INODE);
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
        InodeContent content = InodeContent.of(this::append, extents, (long) blocks * BLOCK);
        FileTime now = now();
        inode(
                Ext4.JOURNAL_INODE,
                new InodeRecord()
                        .mode(NodeKind.FILE.bits() | 0600)
                        .links(1)
                        .times(now, now, now)
                        .content(content, Attributes.of(Map.of()), this::append));
        return content.bytes();
    }

    private static FileTime now() {
        return new FileTime(System.currentTimeMillis() / 1000, 0);
    }

    private void write(SourceNode node, ImageSource.Opener opener) throws IOException {
        try {
            FileStatus status = node.status();
            InodeContent content = switch (status.kind()) {
                case DIRECTORY -> directory(node);
                case LINK -> InodeContent.link(this::append, RawText.encode(node.target()));
                case FILE -> file(node, opener);
                case CHARACTERS, BLOCKS -> InodeContent.device(status.major(), status.minor());
                case PIPE, SOCKET -> InodeContent.NONE;
            };
            InodeRecord record = new InodeRecord()
                    .mode(status.kind().bits() | status.mode())
                    .owner(
                            options.uids().applyAsInt(status.uid()),
                            options.gids().applyAsInt(status.gid()))
                    .links(links(node))
                    .times(status.accessed(), status.modified(), status.changed())
                    .content(content, attributes(node), this::append);
            inode(node.inode(), record);
        } catch (SourceException | TooLargeException told) {
            throw told;
        } catch (IOException failure) {
            throw new SourceException(tree.where(node), failure);
        }
    }

    private static int links(SourceNode node) throws IOException {
        if (node.status().kind() == NodeKind.DIRECTORY) {
            return 2
                    + (int) node.children().stream()
                            .filter(child -> child.node().status().kind() == NodeKind.DIRECTORY)
                            .count();
        }
        if (node.names() >= InodeRecord.MOST_LINKS) {
            throw new IOException("it has %d names, which ext4 cannot hold".formatted(node.names()));
        }
        return node.names();
    }

    private static Attributes attributes(SourceNode node) throws IOException {
        Map<String, byte[]> attributes = new HashMap<>();
        node.attributes()
                .forEach((name, value) ->
                        attributes.put(new String(RawText.encode(name), StandardCharsets.ISO_8859_1), value));
        return Attributes.of(attributes);
    }

    private InodeContent directory(SourceNode node) throws IOException {
        int parent = node.parent().map(SourceNode::inode).orElse(Ext4.ROOT_INODE);
        var directory = new Directory(node.inode(), parent);
        for (SourceNode.Named child : node.children()) {
            directory.add(
                    RawText.encode(child.name()),
                    child.node().inode(),
                    Ext4.type(child.node().status().kind()));
        }
        directories[(node.inode() - 1) / geometry.inodesPerGroup()]++;
        return directory.write(this::append, hash);
    }

    private InodeContent file(SourceNode node, ImageSource.Opener opener) throws IOException {
        try (FileContent file = opener.open()) {
            unchanged(node, file.status());
            long size = node.status().size();
            List<Extent> extents = new ArrayList<>();
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
                at = end * BLOCK;
            }
            unchanged(node, file.status());
            return InodeContent.of(this::append, extents, size);
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

    /** Never all 0, whatever the UUID. */
    private byte[] seed() {
        byte[] seed = options.uuid().clone();
        seed[12] |= 1;
        return seed;
    }

    /** Takes a block for what describes the files. */
    private long append(byte[] bytes, int offset) throws IOException {
        long block = allocation.take();
        write(ByteBuffer.wrap(bytes, offset, BLOCK).slice(), block);
        return block;
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
        int usedInodes = Ext4.FIRST_INODE - 1 + tree.nodes().size() - 1;
        long freeBlocks = 0;
        ByteBuffer descriptors =
                ByteBuffer.allocate(geometry.descriptorBlocks() * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        for (int group = 0; group < geometry.groups(); group++) {
            int used = allocation.used(group);
            int free = geometry.size(group) - used;
            freeBlocks += free;
            int firstInode = group * geometry.inodesPerGroup();
            int inodes = Math.clamp((long) usedInodes - firstInode, 0, geometry.inodesPerGroup());
            write(ByteBuffer.wrap(Ext4.bitmap(used, geometry.size(group))), geometry.blockBitmap(group));
            write(ByteBuffer.wrap(Ext4.bitmap(inodes, geometry.inodesPerGroup())), geometry.inodeBitmap(group));
            descriptors
                    .putInt((int) geometry.blockBitmap(group))
                    .putInt((int) geometry.inodeBitmap(group))
                    .putInt((int) geometry.inodeTable(group))
                    .putShort((short) free)
                    .putShort((short) (geometry.inodesPerGroup() - inodes))
                    .putShort((short) directories[group]);
            descriptors.position((group + 1) * Ext4.DESCRIPTOR);
        }
        Superblock superblock = superblock()
                .free(freeBlocks, (long) geometry.inodes() - usedInodes)
                .made(now().seconds())
                .onErrors(READ_ONLY_THEN);
        if (options.writable()) {
            superblock.journal(journal, (long) (geometry.blocks() < 8L * JOURNAL ? SMALL_JOURNAL : JOURNAL) * BLOCK);
        }
        for (int group = geometry.groups() - 1; group >= 0; group--) {
            if (Geometry.hasCopy(group)) {
                write(descriptors, geometry.firstBlock(group) + 1);
                long at = geometry.firstBlock(group) * BLOCK + (group == 0 ? Superblock.OFFSET : 0);
                writeAt(superblock.group(group).bytes(), at);
            }
        }
    }

    private Superblock superblock() {
        int compatible = Superblock.ATTRIBUTES | Superblock.INDEXES | (options.writable() ? Superblock.HAS_JOURNAL : 0);
        return new Superblock(
                        geometry.blocks(),
                        geometry.inodes(),
                        geometry.inodesPerGroup(),
                        options.uuid(),
                        options.label(),
                        seed())
                .features(compatible, Superblock.FILETYPE | Superblock.EXTENTS, Superblock.USUAL_READ_ONLY);
    }
}
