package dev.fcvm.host.disk;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.Extent;
import dev.fcvm.host.ext4.InodeContent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The content of a file on its way to the disk. Blocks with nothing but zeros in them become holes. */
final class FileBlocks {

    private static final byte[] ZEROS = new byte[Ext4.BLOCK];

    private final Blocks blocks;
    private final List<Extent> extents = new ArrayList<>();
    private final byte[] block = new byte[Ext4.BLOCK];
    private long current;
    private boolean touched;

    FileBlocks(Blocks blocks) {
        this.blocks = blocks;
    }

    /** Takes bytes; what lies between them and those before is a hole. */
    void put(long position, byte[] bytes, int count) throws IOException {
        int done = 0;
        while (done < count) {
            long at = position + done;
            int within = (int) (at % Ext4.BLOCK);
            int some = Math.min(count - done, Ext4.BLOCK - within);
            if (at / Ext4.BLOCK != current) {
                flush();
                current = at / Ext4.BLOCK;
            }
            if (some == Ext4.BLOCK) {
                write(bytes, done);
            } else {
                System.arraycopy(bytes, done, block, within, some);
                touched = true;
            }
            done += some;
        }
    }

    private void flush() throws IOException {
        if (touched) {
            write(block, 0);
            Arrays.fill(block, (byte) 0);
            touched = false;
        }
    }

    private void write(byte[] bytes, int offset) throws IOException {
        if (!Arrays.equals(bytes, offset, offset + Ext4.BLOCK, ZEROS, 0, Ext4.BLOCK)) {
            Extent.add(extents, current, blocks.append(bytes, offset));
        }
    }

    /** Returns what the inode of a file of this size holds. */
    InodeContent finish(long size) throws IOException {
        flush();
        return InodeContent.of(blocks, extents, size);
    }
}
