package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import dev.fcvm.host.ext4.Attributes;
import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.Extent;
import dev.fcvm.host.ext4.ExtentTree;
import dev.fcvm.host.ext4.InodeRecord;
import dev.fcvm.host.ext4.Superblock;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads an ext4 file system that {@link ImageWriter} made and a guest may have changed, or damaged to harm whoever reads
 * it. Changes nothing. For one thread.
 */
public final class ImageReader implements AutoCloseable {

    /** What a guest's kernel leaves a file system with that it was given by us; nothing else is read. */
    private static final int FEATURES = Superblock.FILETYPE | Superblock.RECOVER | Superblock.EXTENTS;

    private static final int DEEPEST_TREE = 5;
    private static final int INLINE = 0x10000000;
    private static final int LONGEST_LINK = 4096;
    private static final long LARGEST_DIRECTORY = 1L << 30;
    /** How many bytes of Java's memory the names may take that are held at a time. */
    public static final long MOST_NAMES = 64L << 20;
    /** How often the map of a file's blocks is read at most; a hostile one is the same block again and again. */
    private static final int READINGS = 8;

    private final FileChannel channel;
    private final BlockSource source;
    private final int inodesPerGroup;
    private final long inodes;
    private long journalBlock;
    private int nextTransaction;
    private final long mostNames;
    private boolean replayed;
    private long mapsLeft;

    private ImageReader(FileChannel channel, long mostNames) throws IOException {
        this.channel = channel;
        this.mostNames = mostNames;
        ByteBuffer head = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
            // the channel may give less than is asked for
        }
        ByteBuffer superblock = head.slice(Superblock.OFFSET, Superblock.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        if (Short.toUnsignedInt(superblock.getShort(0x38)) != Superblock.MAGIC
                || superblock.getInt(0x18) != 2
                || superblock.getShort(0x58) != Ext4.INODE
                || superblock.getInt(0x20) != Ext4.GROUP_BLOCKS) {
            throw new IOException("it is no file system that fcvm made");
        }
        if ((superblock.getInt(0x60) & ~FEATURES) != 0) {
            throw new IOException("its file system has features that this version does not know");
        }
        this.inodesPerGroup = superblock.getInt(0x28);
        this.inodes = Integer.toUnsignedLong(superblock.getInt(0x00));
        this.source = new BlockSource(channel, Integer.toUnsignedLong(superblock.getInt(0x04)));
        this.mapsLeft = READINGS * (source.blocks() + Math.min(inodes, source.blocks()));
        if (inodesPerGroup < 1 || inodesPerGroup > Ext4.GROUP_BLOCKS) {
            throw new IOException("its file system is damaged");
        }
        if ((superblock.getInt(0x60) & Superblock.RECOVER) != 0) {
            replay();
        }
    }

    /** Opens an image. */
    public static ImageReader open(Path image) throws IOException {
        return open(image, MOST_NAMES);
    }

    /** The same with another limit of names. */
    static ImageReader open(Path image, long mostNames) throws IOException {
        FileChannel channel = FileChannel.open(image, StandardOpenOption.READ);
        try {
            return new ImageReader(channel, mostNames);
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    private void replay() throws IOException {
        ImageNode journal = node(Ext4.JOURNAL_INODE);
        long length = Math.min(journal.size() / BLOCK, ImageWriter.JOURNAL);
        long[] places = new long[(int) length];
        for (Extent extent : extents(journal)) {
            for (int i = 0; i < extent.length(); i++) {
                long index = extent.logical() + i;
                if (index < length) {
                    places[(int) index] = extent.physical() + i;
                }
            }
        }
        nextTransaction = JournalReplay.run(source, places);
        replayed = true;
        journalBlock = places[0];
    }

    /** Returns whether its journal had to be played back. */
    boolean wasReplayed() {
        return replayed;
    }

    /** Returns the blocks whose newest content is in the journal. */
    List<Long> replayed() {
        return source.replayed();
    }

    /** Returns a block as it is once the journal has been played back. */
    ByteBuffer block(long number) throws IOException {
        return source.block(number);
    }

    /** Returns where the journal begins. */
    long journal() {
        return journalBlock;
    }

    /** Returns the number of the next transaction: one that is used twice would bring old blocks back. */
    int nextTransaction() {
        return nextTransaction;
    }

    /** Returns the features that a reader must know, as the superblock says once the journal has been played back. */
    int incompatible() throws IOException {
        return source.block(0).getInt(Superblock.OFFSET + 0x60);
    }

    /** Returns how much data there can be at most, in bytes. */
    public long capacity() {
        return source.blocks() * BLOCK;
    }

    /** Returns the directory that holds all else. */
    public ImageNode root() throws IOException {
        ImageNode root = node(Ext4.ROOT_INODE);
        if (root.kind() != NodeKind.DIRECTORY) {
            throw new IOException("its root is no directory");
        }
        return root;
    }

    /** Reads an inode. */
    public ImageNode node(int number) throws IOException {
        if (number < 1 || Integer.toUnsignedLong(number) > inodes) {
            throw new IOException("it names an inode that is not there");
        }
        int index = number - 1;
        long group = index / inodesPerGroup;
        ByteBuffer descriptors = source.block(1 + group * Ext4.DESCRIPTOR / BLOCK);
        long table = Integer.toUnsignedLong(descriptors.getInt((int) (group * Ext4.DESCRIPTOR % BLOCK) + 8));
        long at = (long) (index % inodesPerGroup) * Ext4.INODE;
        ByteBuffer raw = source.block(table + at / BLOCK)
                .slice((int) (at % BLOCK), Ext4.INODE)
                .order(ByteOrder.LITTLE_ENDIAN);
        int mode = Short.toUnsignedInt(raw.getShort(0));
        long size = Integer.toUnsignedLong(raw.getInt(4)) | (long) raw.getInt(108) << 32;
        if (size < 0) {
            throw new IOException("it has a size that no file has");
        }
        return new ImageNode(
                number,
                NodeKind.of(mode).orElseThrow(() -> new IOException("it is nothing")),
                mode & 0xfff,
                id(raw, 2, 120),
                id(raw, 24, 122),
                size,
                Short.toUnsignedInt(raw.getShort(26)),
                time(raw, 8, 140),
                time(raw, 16, 136),
                time(raw, 12, 132),
                raw);
    }

    private static int id(ByteBuffer raw, int low, int high) {
        return Short.toUnsignedInt(raw.getShort(low)) | Short.toUnsignedInt(raw.getShort(high)) << 16;
    }

    private static FileTime time(ByteBuffer raw, int at, int extra) {
        int more = raw.getInt(extra);
        return new FileTime(raw.getInt(at) + ((long) (more & 3) << 32), Math.min(more >>> 2, 999_999_999));
    }

    /**
     * Returns the names in a directory.
     *
     * @throws IOException when it is damaged: a name that could lead elsewhere is damage
     */
    public Map<String, Integer> names(ImageNode directory) throws IOException {
        Map<String, Integer> names = new LinkedHashMap<>();
        long weight = 0;
        if (directory.size() > LARGEST_DIRECTORY || directory.size() > capacity()) {
            throw new IOException("it is larger than a directory can be");
        }
        for (Extent extent : extents(directory)) {
            for (int i = 0; i < extent.length(); i++) {
                if ((extent.logical() + i) * BLOCK < directory.size()) {
                    weight += DirectoryNames.read(source.block(extent.physical() + i), names);
                    if (weight > mostNames) {
                        throw new IOException("the directory holds more names than can be taken out of a machine");
                    }
                }
            }
        }
        return names;
    }

    /** Returns how much memory a name takes, about, in bytes. */
    public static long weight(String name) {
        return DirectoryNames.weight(name);
    }

    /** Returns where a symbolic link leads to. */
    public String target(ImageNode link) throws IOException {
        if (link.size() < 1 || link.size() > LONGEST_LINK) {
            throw new IOException("it is no link that can be");
        }
        byte[] target = new byte[(int) link.size()];
        if (target.length < InodeRecord.MAP_SIZE && (flags(link) & InodeRecord.EXTENTS) == 0) {
            link.raw().get(InodeRecord.MAP, target);
        } else {
            ByteBuffer bytes = ByteBuffer.wrap(target);
            List<Extent> extents = extents(link);
            if (extents.isEmpty()) {
                throw new IOException("it is no link that can be");
            }
            source.content(bytes, extents.getFirst().physical(), 0);
        }
        for (byte letter : target) {
            if (letter == 0) {
                throw new IOException("it is no link that can be");
            }
        }
        return RawText.decode(ByteBuffer.wrap(target));
    }

    /** Returns the extended attributes, by their whole names. */
    public Map<String, byte[]> attributes(ImageNode node) throws IOException {
        Map<String, byte[]> attributes = new TreeMap<>();
        int inside = 128 + Short.toUnsignedInt(node.raw().getShort(128));
        if (inside + 4 <= Ext4.INODE && node.raw().getInt(inside) == Attributes.MAGIC) {
            Attributes.read(node.raw(), inside + 4, inside + 4, attributes);
        }
        long block = Integer.toUnsignedLong(node.raw().getInt(104))
                | Short.toUnsignedLong(node.raw().getShort(118)) << 32;
        if (block != 0) {
            ByteBuffer bytes = source.block(block);
            if (bytes.getInt(0) != Attributes.MAGIC) {
                throw new IOException("its extended attributes are damaged");
            }
            Attributes.read(bytes, 32, 0, attributes);
        }
        return attributes;
    }

    private static int flags(ImageNode node) {
        return node.raw().getInt(32);
    }

    /** Returns where a file's data lies, in its order; what is between is holes. */
    List<Extent> extents(ImageNode node) throws IOException {
        int flags = flags(node);
        if ((flags & INLINE) != 0 || (flags & InodeRecord.EXTENTS) == 0) {
            if (node.size() == 0) {
                return List.of();
            }
            throw new IOException("its blocks are mapped in a way that this version does not know");
        }
        List<Extent> extents = new ArrayList<>();
        ByteBuffer root =
                node.raw().slice(InodeRecord.MAP, InodeRecord.MAP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        collect(root, DEEPEST_TREE, extents);
        return extents;
    }

    private void collect(ByteBuffer node, int deepest, List<Extent> into) throws IOException {
        int count = Short.toUnsignedInt(node.getShort(2));
        int depth = Short.toUnsignedInt(node.getShort(6));
        if (--mapsLeft < 0) {
            throw new IOException("the maps of its files' blocks are larger than it is");
        }
        if (Short.toUnsignedInt(node.getShort(0)) != ExtentTree.MAGIC
                || depth > deepest
                || ExtentTree.ENTRY + count * ExtentTree.ENTRY > node.limit()) {
            throw new IOException("the map of its blocks is damaged");
        }
        for (int i = 0; i < count; i++) {
            int at = ExtentTree.ENTRY + i * ExtentTree.ENTRY;
            if (depth > 0) {
                long below =
                        Integer.toUnsignedLong(node.getInt(at + 4)) | Short.toUnsignedLong(node.getShort(at + 8)) << 32;
                collect(source.block(below), depth - 1, into);
            } else {
                leaf(node, at, into);
            }
            // Each run has a block of its own at least, so more of them than blocks is damage.
            if (into.size() > source.blocks()) {
                throw new IOException("the map of its blocks is damaged");
            }
        }
    }

    private void leaf(ByteBuffer node, int at, List<Extent> into) throws IOException {
        int length = Short.toUnsignedInt(node.getShort(at + 4));
        if (length > Extent.LONGEST) {
            return; // room that was reserved and never written: it reads as zeros
        }
        long logical = Integer.toUnsignedLong(node.getInt(at));
        long physical = Integer.toUnsignedLong(node.getInt(at + 8)) | Short.toUnsignedLong(node.getShort(at + 6)) << 32;
        boolean ordered =
                into.isEmpty() || into.getLast().logical() + into.getLast().length() <= logical;
        if (length == 0 || physical + length > source.blocks() || !ordered) {
            throw new IOException("the map of its blocks is damaged");
        }
        into.add(new Extent(logical, physical, length));
    }

    /** Reads blocks of files, as they are once the journal has been played back. */
    void blocks(ByteBuffer into, long at) throws IOException {
        source.content(into, at / BLOCK, (int) (at % BLOCK));
    }

    /** Gets a file's data, piece by piece. */
    public interface Pieces {
        /**
         * Takes the next piece.
         *
         * @param bytes the piece
         * @param at where it is in the file
         */
        void take(ByteBuffer bytes, long at) throws IOException;
    }

    /** Reads a file's data, without its holes. */
    public void content(ImageNode file, ByteBuffer piece, Pieces pieces) throws IOException {
        for (Extent extent : extents(file)) {
            long from = extent.logical() * BLOCK;
            long end = Math.min(file.size(), (extent.logical() + extent.length()) * BLOCK);
            while (from < end) {
                piece.clear().limit((int) Math.min(piece.capacity(), end - from));
                int length = piece.remaining();
                long inExtent = from - extent.logical() * BLOCK;
                source.content(piece, extent.physical() + inExtent / BLOCK, (int) (inExtent % BLOCK));
                pieces.take(piece.flip(), from);
                from += length;
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
