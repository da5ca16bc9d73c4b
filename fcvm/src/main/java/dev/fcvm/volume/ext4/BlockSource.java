package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The blocks of an image, as they are once its journal has been played back. The image itself is not changed. */
final class BlockSource {

    private static final int RECENT = 256;

    private final FileChannel channel;
    private final long blocks;
    /** Blocks that lie in the journal. */
    private final Map<Long, Replayed> replayed = new HashMap<>();

    /** What was read last: a walk through a tree comes back to the same tables. */
    private final Map<Long, ByteBuffer> recent = new LinkedHashMap<>(RECENT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, ByteBuffer> eldest) {
            return size() > RECENT;
        }
    };

    /** A block's newest content; one that looked like the journal's own has lost its first word. */
    record Replayed(long at, boolean escaped) {}

    BlockSource(FileChannel channel, long blocks) throws IOException {
        this.channel = channel;
        this.blocks = blocks;
        if (blocks < 1 || channel.size() / BLOCK < blocks) {
            throw new IOException("its file system is larger than the image");
        }
    }

    List<Long> replayed() {
        return List.copyOf(replayed.keySet());
    }

    long blocks() {
        return blocks;
    }

    void replay(long block, Replayed content) {
        recent.clear();
        replayed.put(block, content);
    }

    /** Reads one block. */
    ByteBuffer block(long number) throws IOException {
        ByteBuffer known = recent.get(number);
        if (known == null) {
            known = fresh(number);
            recent.put(number, known);
        }
        return known.duplicate().order(ByteOrder.LITTLE_ENDIAN).clear();
    }

    private ByteBuffer fresh(long number) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        Replayed newest = replayed.get(number);
        read(block, newest == null ? number : newest.at(), 0);
        if (newest != null && newest.escaped()) {
            block.order(ByteOrder.BIG_ENDIAN).putInt(0, Journal.MAGIC).order(ByteOrder.LITTLE_ENDIAN);
        }
        return block.position(0);
    }

    /** Reads content of files, which no journal of ours holds, unless all of it is journalled. */
    void content(ByteBuffer into, long number, int offset) throws IOException {
        if (replayed.isEmpty()) {
            read(into, number, offset);
            return;
        }
        long block = number + offset / BLOCK;
        int from = offset % BLOCK;
        while (into.hasRemaining()) {
            ByteBuffer one = block(block++);
            int length = Math.min(BLOCK - from, into.remaining());
            into.put(one.slice(from, length));
            from = 0;
        }
    }

    private void read(ByteBuffer into, long number, int offset) throws IOException {
        if (number < 0 || number * BLOCK + offset + into.remaining() > blocks * BLOCK) {
            throw new IOException("it points outside of its file system");
        }
        long at = number * BLOCK + offset;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new IOException("the image is cut short");
            }
            at += read;
        }
    }
}
