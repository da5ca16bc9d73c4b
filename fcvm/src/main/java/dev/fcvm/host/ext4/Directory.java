package dev.fcvm.host.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The names in a directory, and its blocks: one block is a list; more are sorted by the names' hashes, with an index of
 * the hashes in front (kernel documentation, filesystems/ext4/directory), so that a name is found at once however many
 * there are. The names are held packed: there may be millions.
 */
public final class Directory {

    private static final int BLOCK = Ext4.BLOCK;
    private static final int HEAD = 8;

    /** A million names of usual length; they are held in memory, of which there is little. */
    private static final int MOST_BYTES = 48 << 20;

    /** Where the index begins in its first block, and in others. */
    private static final int ROOT_BEGIN = 32;

    private static final int NODE_BEGIN = 8;
    private static final int ROOT_LIMIT = (BLOCK - ROOT_BEGIN) / 8;
    private static final int NODE_LIMIT = (BLOCK - NODE_BEGIN) / 8;

    private final long number;
    private final long parent;
    private byte[] packed = new byte[256];
    private int used;
    private int count;
    private int directories;

    /**
     * @param number its own inode
     * @param parent the inode of the directory it is in
     */
    public Directory(long number, long parent) {
        this.number = number;
        this.parent = parent;
    }

    /**
     * Adds a name; the caller sees to it that it is the first of it.
     *
     * @param kind as {@link Ext4#type} has it
     */
    public void add(byte[] name, long inode, int kind) throws IOException {
        int needed = used + 6 + name.length;
        if (needed > MOST_BYTES) {
            throw new DiskFullException("a directory has more names than %d MiB".formatted(MOST_BYTES >> 20));
        }
        if (needed > packed.length) {
            packed = Arrays.copyOf(packed, Math.clamp(packed.length * 2L, needed, MOST_BYTES));
        }
        ByteBuffer to = ByteBuffer.wrap(packed, used, 6 + name.length);
        to.putInt((int) inode).put((byte) kind).put((byte) name.length).put(name);
        used = needed;
        count++;
        if (kind == 2) {
            directories++;
        }
    }

    /** Returns the names in it, in ISO 8859-1. */
    public Set<String> names() {
        Set<String> names = new HashSet<>();
        for (int at = 0; at < used; at += 6 + length(at)) {
            names.add(new String(packed, at + 6, length(at), StandardCharsets.ISO_8859_1));
        }
        return names;
    }

    /** How many names its inode has: its own, the dot, and the two dots of those below. */
    public int links() {
        return directories + 2 >= InodeRecord.MOST_LINKS ? 1 : directories + 2;
    }

    private int length(int at) {
        return packed[at + 5] & 0xff;
    }

    private int space(int at) {
        return (HEAD + length(at) + 3) & ~3;
    }

    /** Writes its blocks, and returns what its inode holds. */
    public InodeContent write(BlockSink blocks, NameHash hash) throws IOException {
        int needed = 24;
        for (int at = 0; at < used && needed <= BLOCK; at += 6 + length(at)) {
            needed += space(at);
        }
        var written = new Written(blocks);
        boolean indexed = false;
        if (needed <= BLOCK) {
            written.put(0, single());
        } else {
            indexed = index(written, hash);
        }
        return InodeContent.of(
                blocks, written.extents(), written.count * (long) BLOCK, indexed ? InodeRecord.INDEXED : 0);
    }

    /** The blocks of a directory: they go out at once, the first of them as the last. */
    private static final class Written {
        private final BlockSink blocks;
        private final List<Extent> extents = new ArrayList<>();
        private final List<Extent> first = new ArrayList<>();
        private int count = 1;

        Written(BlockSink blocks) {
            this.blocks = blocks;
        }

        void put(int logical, byte[] block) throws IOException {
            Extent.add(logical == 0 ? first : extents, logical, blocks.append(block, 0));
            count = Math.max(count, logical + 1);
        }

        int add(byte[] block) throws IOException {
            int logical = count;
            put(logical, block);
            return logical;
        }

        List<Extent> extents() {
            first.addAll(extents);
            return first;
        }
    }

    private byte[] single() {
        ByteBuffer block = dots(12);
        int last = 12;
        for (int at = 0; at < used; at += 6 + length(at)) {
            last = block.position();
            put(block, at);
        }
        stretch(block, last);
        return bytes(block);
    }

    private ByteBuffer dots(int second) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        block.putInt((int) number)
                .putShort((short) 12)
                .put((byte) 1)
                .put((byte) 2)
                .put((byte) '.');
        block.position(12);
        block.putInt((int) parent).putShort((short) second).put((byte) 2).put((byte) 2);
        block.put((byte) '.').put((byte) '.').put((byte) 0).put((byte) 0);
        return block;
    }

    private void put(ByteBuffer block, int at) {
        int begin = block.position();
        int inode = ByteBuffer.wrap(packed, at, 4).getInt();
        block.putInt(inode).putShort((short) space(at)).put((byte) length(at)).put(packed[at + 4]);
        block.put(packed, at + 6, length(at)).position(begin + space(at));
    }

    /** Makes the last entry reach to the end. */
    private static void stretch(ByteBuffer block, int last) {
        block.putShort(last + 4, (short) (BLOCK - last));
    }

    /** A block of an indexed directory: the hash of its first name, with the lowest bit set if it had it before. */
    private record Leaf(int hash, int block) {}

    /** Writes all blocks, and returns whether there is an index: a gigabyte of names has none. */
    private boolean index(Written written, NameHash hash) throws IOException {
        List<Leaf> leaves = new ArrayList<>();
        ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        int last = 0;
        int before = 0;
        int first = 0;
        for (long key : sorted(hash)) {
            int own = (int) ((key ^ Long.MIN_VALUE) >>> 32);
            int at = (int) key;
            if (block.remaining() < space(at)) {
                stretch(block, last);
                leaves.add(new Leaf(first, written.add(block.array())));
                block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
                first = own == before ? own | 1 : own;
            }
            last = block.position();
            put(block, at);
            before = own;
        }
        stretch(block, last);
        leaves.add(new Leaf(first, written.add(block.array())));
        if (leaves.size() <= ROOT_LIMIT) {
            written.put(0, root(leaves, 0));
            return true;
        }
        if (leaves.size() > ROOT_LIMIT * NODE_LIMIT) {
            written.put(0, dots(BLOCK - 12).array());
            return false;
        }
        List<Leaf> nodes = new ArrayList<>();
        for (int from = 0; from < leaves.size(); from += NODE_LIMIT) {
            List<Leaf> some = leaves.subList(from, Math.min(leaves.size(), from + NODE_LIMIT));
            nodes.add(new Leaf(some.getFirst().hash(), written.add(node(some))));
        }
        written.put(0, root(nodes, 1));
        return true;
    }

    /** Where each name is packed, sorted by hash: the hash in the upper half. */
    private long[] sorted(NameHash hash) {
        long[] keys = new long[count];
        int number = 0;
        for (int at = 0; at < used; at += 6 + length(at)) {
            long own = hash.of(packed, at + 6, length(at));
            keys[number++] = ((own << 32) | at) ^ Long.MIN_VALUE;
        }
        Arrays.sort(keys);
        return keys;
    }

    private byte[] root(List<Leaf> entries, int levels) {
        ByteBuffer block = dots(BLOCK - 12);
        block.position(24);
        block.putInt(0)
                .put((byte) NameHash.VERSION)
                .put((byte) 8)
                .put((byte) levels)
                .put((byte) 0);
        return entries(block, entries, ROOT_LIMIT);
    }

    private static byte[] node(List<Leaf> entries) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        block.putInt(0).putShort((short) BLOCK).putShort((short) 0);
        return entries(block, entries, NODE_LIMIT);
    }

    private static byte[] entries(ByteBuffer block, List<Leaf> entries, int limit) {
        block.putShort((short) limit)
                .putShort((short) entries.size())
                .putInt(entries.getFirst().block());
        for (Leaf entry : entries.subList(1, entries.size())) {
            block.putInt(entry.hash()).putInt(entry.block());
        }
        return bytes(block);
    }

    private static byte[] bytes(ByteBuffer block) {
        byte[] bytes = new byte[block.capacity()];
        block.get(0, bytes);
        return bytes;
    }
}
