package dev.fcvm.volume.ext4;

import static dev.fcvm.volume.ext4.Geometry.BLOCK;

import dev.fcvm.host.nodes.NodeKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The content of a directory: one block, or an index and the blocks it leads to. Linear in the number of names. */
final class DirectoryBlocks {

    private static final int HEADER = 8;
    private static final int DOTS = 24;
    private static final int ROOT_ENTRIES = 32;
    private static final int NODE_ENTRIES = 8;
    private static final int INDEX_ENTRY = 8;
    private static final int ROOT_LIMIT = (BLOCK - ROOT_ENTRIES) / INDEX_ENTRY;
    private static final int NODE_LIMIT = (BLOCK - NODE_ENTRIES) / INDEX_ENTRY;

    private final List<ByteBuffer> blocks = new ArrayList<>();

    /** One name. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(byte[] name, int inode, NodeKind kind) {

        int length() {
            return HEADER + ((name.length + 3) & ~3);
        }
    }

    private record Hashed(NameHash hash, Entry entry) {}

    /** A block of names, and the least hash in it. */
    private record Leaf(int hash, ByteBuffer block) {}

    private DirectoryBlocks() {}

    /**
     * Returns the blocks.
     *
     * @param self the directory's inode
     * @param parent the inode of the directory it is in
     * @param seed of the hashes
     * @throws TooLargeException when there are more names than an index has room for
     */
    static List<ByteBuffer> of(int self, int parent, List<Entry> entries, int[] seed) throws TooLargeException {
        var directory = new DirectoryBlocks();
        long length = DOTS + entries.stream().mapToLong(Entry::length).sum();
        if (length <= BLOCK) {
            ByteBuffer block = block();
            put(block, new Entry(new byte[] {'.'}, self, NodeKind.DIRECTORY));
            put(block, new Entry(new byte[] {'.', '.'}, parent, NodeKind.DIRECTORY));
            entries.forEach(entry -> put(block, entry));
            close(block);
            directory.blocks.add(block);
        } else {
            directory.index(self, parent, leaves(entries, seed));
        }
        return directory.blocks;
    }

    /** Returns whether blocks of this number have an index. */
    static boolean isIndexed(int blocks) {
        return blocks > 1;
    }

    private static ByteBuffer block() {
        return ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void put(ByteBuffer block, Entry entry) {
        block.putInt(entry.inode())
                .putShort((short) entry.length())
                .put((byte) entry.name().length)
                .put((byte) type(entry.kind()))
                .put(entry.name());
        block.position((block.position() + 3) & ~3);
    }

    /** The last name of a block has all the room to its end. */
    private static void close(ByteBuffer block) {
        int end = block.position();
        int at = 0;
        while (at + length(block, at) < end) {
            at += length(block, at);
        }
        block.putShort(at + 4, (short) (BLOCK - at));
        block.position(0);
    }

    private static int length(ByteBuffer block, int at) {
        return Short.toUnsignedInt(block.getShort(at + 4));
    }

    static int type(NodeKind kind) {
        return switch (kind) {
            case FILE -> 1;
            case DIRECTORY -> 2;
            case CHARACTERS -> 3;
            case BLOCKS -> 4;
            case PIPE -> 5;
            case SOCKET -> 6;
            case LINK -> 7;
        };
    }

    private static List<Leaf> leaves(List<Entry> entries, int[] seed) {
        List<Hashed> hashed = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            hashed.add(new Hashed(NameHash.of(entry.name(), seed), entry));
        }
        hashed.sort((one, other) -> one.hash().compareTo(other.hash()));
        List<Leaf> leaves = new ArrayList<>();
        ByteBuffer block = block();
        int first = 0;
        int last = 0;
        for (Hashed one : hashed) {
            if (block.remaining() < one.entry().length()) {
                close(block);
                leaves.add(new Leaf(first, block));
                block = block();
                // The lowest bit says that names of this hash are in the block before as well.
                first = one.hash().major() | (one.hash().major() == last ? 1 : 0);
            }
            put(block, one.entry());
            last = one.hash().major();
        }
        close(block);
        leaves.add(new Leaf(first, block));
        return leaves;
    }

    private void index(int self, int parent, List<Leaf> leaves) throws TooLargeException {
        boolean deep = leaves.size() > ROOT_LIMIT;
        int nodes = deep ? (leaves.size() + NODE_LIMIT - 1) / NODE_LIMIT : 0;
        if (nodes > ROOT_LIMIT) {
            throw new TooLargeException();
        }
        ByteBuffer root = block();
        put(root, new Entry(new byte[] {'.'}, self, NodeKind.DIRECTORY));
        put(root, new Entry(new byte[] {'.', '.'}, parent, NodeKind.DIRECTORY));
        root.putShort(12 + 4, (short) (BLOCK - 12));
        root.position(DOTS);
        root.putInt(0)
                .put((byte) NameHash.VERSION)
                .put((byte) 8)
                .put((byte) (deep ? 1 : 0))
                .put((byte) 0);
        blocks.add(root);
        if (deep) {
            int[] hashes = new int[nodes];
            int[] numbers = new int[nodes];
            for (int node = 0; node < nodes; node++) {
                int from = node * NODE_LIMIT;
                List<Leaf> below = leaves.subList(from, Math.min(leaves.size(), from + NODE_LIMIT));
                ByteBuffer block = block();
                block.putShort(4, (short) BLOCK);
                entries(block, NODE_ENTRIES, NODE_LIMIT, below, 1 + nodes + from);
                blocks.add(block);
                hashes[node] = below.getFirst().hash();
                numbers[node] = 1 + node;
            }
            entries(root, ROOT_LIMIT, hashes, numbers);
        } else {
            entries(root, ROOT_ENTRIES, ROOT_LIMIT, leaves, 1);
        }
        leaves.forEach(leaf -> blocks.add(leaf.block()));
    }

    private static void entries(ByteBuffer block, int at, int limit, List<Leaf> leaves, int firstNumber) {
        int[] hashes = leaves.stream().mapToInt(Leaf::hash).toArray();
        int[] numbers = new int[hashes.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = firstNumber + i;
        }
        block.position(at);
        fill(block, limit, hashes, numbers);
    }

    private static void entries(ByteBuffer root, int limit, int[] hashes, int[] numbers) {
        root.position(ROOT_ENTRIES);
        fill(root, limit, hashes, numbers);
    }

    /** The first entry's hash is not written: its place has how many there are, and may be. */
    private static void fill(ByteBuffer block, int limit, int[] hashes, int[] numbers) {
        block.putShort((short) limit).putShort((short) hashes.length).putInt(numbers[0]);
        for (int i = 1; i < hashes.length; i++) {
            block.putInt(hashes[i]).putInt(numbers[i]);
        }
        block.position(0);
    }
}
