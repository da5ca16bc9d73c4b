package dev.fcvm.host.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the place for block numbers of an inode holds.
 *
 * @param bytes at most 60
 * @param size of the content
 * @param blocks that belong to the file, without those of its attributes
 * @param flags of the inode
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record InodeContent(byte[] bytes, long size, long blocks, int flags) {

    /** Of what has none, such as a pipe. */
    public static final InodeContent NONE = new InodeContent(new byte[0], 0, 0, 0);

    /** Returns that of a file whose blocks these are; blocks are taken for the list when it is long. */
    public static InodeContent of(BlockSink blocks, List<Extent> extents, long size) throws IOException {
        return of(blocks, extents, size, 0);
    }

    static InodeContent of(BlockSink blocks, List<Extent> extents, long size, int flags) throws IOException {
        long held = extents.stream().mapToLong(Extent::length).sum();
        ExtentTree tree = ExtentTree.of(blocks, extents, InodeRecord.MAP_SIZE);
        return new InodeContent(tree.root(), size, held + tree.blocks(), flags | InodeRecord.EXTENTS);
    }

    /** Returns that of a symbolic link. */
    public static InodeContent link(BlockSink blocks, byte[] target) throws IOException {
        if (target.length < InodeRecord.MAP_SIZE) {
            return new InodeContent(target, target.length, 0, 0);
        }
        List<Extent> extents = new ArrayList<>();
        for (int at = 0; at < target.length; at += Ext4.BLOCK) {
            byte[] block = Arrays.copyOfRange(target, at, at + Ext4.BLOCK);
            Extent.add(extents, at / Ext4.BLOCK, blocks.append(block, 0));
        }
        return of(blocks, extents, target.length);
    }

    /** Returns that of a device node: its number, in the short form where that holds it. */
    public static InodeContent device(int major, int minor) {
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        if (major < 256 && minor < 256) {
            number.putInt(0, (major << 8) | minor);
        } else {
            number.putInt(4, (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12));
        }
        return new InodeContent(number.array(), 0, 0, 0);
    }
}
