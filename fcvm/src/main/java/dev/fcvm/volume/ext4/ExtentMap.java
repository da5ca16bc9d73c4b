package dev.fcvm.volume.ext4;

import static dev.fcvm.volume.ext4.Geometry.BLOCK;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes the map from a file's blocks to the disk's: four runs fit into the inode, more go into a tree of blocks. */
final class ExtentMap {

    static final int MAGIC = 0xF30A;
    static final int HEADER = 12;
    static final int ENTRY = 12;
    static final int IN_INODE = 4;
    static final int IN_BLOCK = (BLOCK - HEADER) / ENTRY;

    /** The part of the inode, and how many blocks of the disk the tree takes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Written(byte[] root, int blocks) {}

    /** Where blocks go. */
    interface Disk {
        void write(ByteBuffer bytes, long block) throws IOException;
    }

    private record Item(long logical, long physical, int length) {}

    private ExtentMap() {}

    static Written write(List<Extent> extents, Allocation allocation, Disk disk) throws IOException {
        List<Item> items = new ArrayList<>(extents.size());
        for (Extent extent : extents) {
            items.add(new Item(extent.logical(), extent.physical(), extent.length()));
        }
        int depth = 0;
        int blocks = 0;
        while (items.size() > IN_INODE) {
            List<Item> above = new ArrayList<>();
            for (int from = 0; from < items.size(); from += IN_BLOCK) {
                List<Item> some = items.subList(from, Math.min(items.size(), from + IN_BLOCK));
                long block = allocation.take();
                disk.write(node(some, depth, BLOCK, IN_BLOCK), block);
                above.add(new Item(some.getFirst().logical(), block, 0));
                blocks++;
            }
            items = above;
            depth++;
        }
        return new Written(node(items, depth, InodeRecord.MAP_SIZE, IN_INODE).array(), blocks);
    }

    private static ByteBuffer node(List<Item> items, int depth, int size, int most) {
        ByteBuffer node = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        node.putShort((short) MAGIC)
                .putShort((short) items.size())
                .putShort((short) most)
                .putShort((short) depth)
                .putInt(0);
        for (Item item : items) {
            node.putInt((int) item.logical());
            if (depth == 0) {
                node.putShort((short) item.length())
                        .putShort((short) (item.physical() >>> 32))
                        .putInt((int) item.physical());
            } else {
                node.putInt((int) item.physical())
                        .putShort((short) (item.physical() >>> 32))
                        .putShort((short) 0);
            }
        }
        return node.position(0);
    }
}
