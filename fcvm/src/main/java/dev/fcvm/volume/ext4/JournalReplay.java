package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds in the journal of a machine that was killed what had been promised and not yet been put in its place: what ends
 * with a commit counts, the rest was never promised. See the description of jbd2 in the kernel's documentation.
 */
final class JournalReplay {

    private static final int REVOCATIONS = 1;
    private static final int ESCAPED = 1;
    private static final int SAME_UUID = 2;
    private static final int LAST = 8;
    private static final int HEADER = 12;

    /** More blocks than a journal of ours can take back that is used as it is meant to be. */
    private static final int MOST_REVOKED = 1 << 19;

    private final BlockSource source;
    private final long[] places;
    private final List<Copy> pending = new ArrayList<>();
    private final List<Long> revoked = new ArrayList<>();
    private final List<Copy> committed = new ArrayList<>();
    private final Map<Long, Integer> revocations = new HashMap<>();
    private int revocationsRead;

    /** A block in the journal, of one transaction. */
    private record Copy(long block, BlockSource.Replayed content, int transaction) {}

    /**
     * @param places where each block of the journal lies
     */
    private JournalReplay(BlockSource source, long[] places) {
        this.source = source;
        this.places = places;
    }

    /** Returns the number of the transaction that would have come next. */
    static int run(BlockSource source, long[] places) throws IOException {
        return new JournalReplay(source, places).run();
    }

    private ByteBuffer at(long index) throws IOException {
        if (index < 0 || index >= places.length) {
            throw new IOException("its journal is damaged");
        }
        return source.block(places[(int) index]).order(ByteOrder.BIG_ENDIAN);
    }

    private int run() throws IOException {
        ByteBuffer head = at(0);
        int first = head.getInt(20);
        int length = head.getInt(16);
        int start = head.getInt(28);
        boolean newer = head.getInt(4) == Journal.SUPERBLOCK;
        if (head.getInt(0) != Journal.MAGIC
                || head.getInt(12) != BLOCK
                || length > places.length
                || first < 1
                || first >= length) {
            throw new IOException("its journal is damaged");
        }
        if (newer && (head.getInt(40) & ~REVOCATIONS) != 0) {
            throw new IOException("its journal has features that this version does not know");
        }
        int next = head.getInt(24);
        if (start != 0) {
            next = scan(next, start, first, length);
        }
        for (Copy copy : committed) {
            Integer until = revocations.get(copy.block());
            if (until == null || until - copy.transaction() < 0) {
                source.replay(copy.block(), copy.content());
            }
        }
        return next + 1;
    }

    private int scan(int firstTransaction, int start, int first, int length) throws IOException {
        int transaction = firstTransaction;
        long at = start;
        for (int seen = 0; seen < length; ) {
            ByteBuffer block = at(at);
            if (block.getInt(0) != Journal.MAGIC || block.getInt(8) != transaction) {
                return transaction;
            }
            int copies = 0;
            switch (block.getInt(4)) {
                case Journal.DESCRIPTOR -> copies = describe(block, at, transaction, first, length);
                case Journal.REVOCATION -> revoke(block);
                case Journal.COMMIT -> {
                    committed.addAll(pending);
                    for (long one : revoked) {
                        revocations.put(one, transaction);
                    }
                    pending.clear();
                    revoked.clear();
                    transaction++;
                }
                default -> {
                    return transaction;
                }
            }
            at = after(at, 1 + copies, first, length);
            seen += 1 + copies;
        }
        return transaction;
    }

    private static long after(long at, int steps, int first, int length) {
        long next = at + steps;
        return next >= length ? next - length + first : next;
    }

    private int describe(ByteBuffer block, long at, int transaction, int first, int length) throws IOException {
        int copies = 0;
        int tag = HEADER;
        while (tag + 8 <= BLOCK && copies < length) {
            long number = Integer.toUnsignedLong(block.getInt(tag));
            int flags = Short.toUnsignedInt(block.getShort(tag + 6));
            copies++;
            long place = after(at, copies, first, length);
            if (place < 0 || place >= places.length) {
                throw new IOException("its journal is damaged");
            }
            var content = new BlockSource.Replayed(places[(int) place], (flags & ESCAPED) != 0);
            pending.add(new Copy(number, content, transaction));
            tag += (flags & SAME_UUID) != 0 ? 8 : 24;
            if ((flags & LAST) != 0) {
                break;
            }
        }
        return copies;
    }

    private void revoke(ByteBuffer block) throws IOException {
        int end = block.getInt(HEADER);
        if (end < HEADER || end > BLOCK) {
            throw new IOException("its journal is damaged");
        }
        for (int entry = HEADER + 4; entry + 4 <= end; entry += 4) {
            if (++revocationsRead > MOST_REVOKED) {
                throw new IOException("its journal is damaged");
            }
            revoked.add(Integer.toUnsignedLong(block.getInt(entry)));
        }
    }
}
