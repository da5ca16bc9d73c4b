package dev.fcvm.host.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The list of a file's blocks: in the inode if it is short, else in a tree of blocks with its root there.
 *
 * @param root for the inode
 * @param blocks how many were taken for it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ExtentTree(byte[] root, long blocks) {

    /** How each node begins. */
    public static final int MAGIC = 0xf30a;

    /** Bytes of an entry, and of what comes before the first. */
    public static final int ENTRY = 12;

    /** A node of the tree: the first block of the file it tells of, and what stands for it in the node above. */
    private sealed interface Node {
        long logical();

        void put(ByteBuffer to);
    }

    private record Leaf(Extent extent) implements Node {
        @Override
        public long logical() {
            return extent.logical();
        }

        @Override
        public void put(ByteBuffer to) {
            to.putInt((int) extent.logical()).putShort((short) extent.length()).putShort((short)
                    (extent.physical() >> 32));
            to.putInt((int) extent.physical());
        }
    }

    private record Index(long logical, long block) implements Node {
        @Override
        public void put(ByteBuffer to) {
            to.putInt((int) logical)
                    .putInt((int) block)
                    .putShort((short) (block >> 32))
                    .putShort((short) 0);
        }
    }

    /**
     * Makes one.
     *
     * @param blocks take the blocks of a long list
     * @param space how many bytes there are for the root
     */
    static ExtentTree of(BlockSink blocks, List<Extent> extents, int space) throws IOException {
        List<? extends Node> level = extents.stream().map(Leaf::new).toList();
        int depth = 0;
        long taken = 0;
        int atRoot = (space - ENTRY) / ENTRY;
        int perBlock = (Ext4.BLOCK - ENTRY) / ENTRY;
        while (level.size() > atRoot) {
            List<Node> above = new ArrayList<>();
            for (int from = 0; from < level.size(); from += perBlock) {
                List<? extends Node> some = level.subList(from, Math.min(level.size(), from + perBlock));
                byte[] block = node(some, depth, perBlock, Ext4.BLOCK);
                above.add(new Index(some.getFirst().logical(), blocks.append(block, 0)));
                taken++;
            }
            level = above;
            depth++;
        }
        return new ExtentTree(node(level, depth, atRoot, space), taken);
    }

    private static byte[] node(List<? extends Node> entries, int depth, int most, int space) {
        ByteBuffer bytes = ByteBuffer.allocate(space).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort((short) MAGIC)
                .putShort((short) entries.size())
                .putShort((short) most)
                .putShort((short) depth);
        bytes.putInt(0);
        entries.forEach(entry -> entry.put(bytes));
        return bytes.array();
    }
}
