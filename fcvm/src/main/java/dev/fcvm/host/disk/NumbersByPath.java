package dev.fcvm.host.disk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The inodes of files by their paths, for what is linked to them later. Of a path only a hash of 64 bits is kept, for
 * there may be millions, and beside Java's heap, which is small; who makes two paths with the same hash confuses two files of a tree that is theirs.
 */
final class NumbersByPath implements AutoCloseable {

    private static final long PRIME = 0x0000_0100_0000_01b3L;

    private Table table = new Table(1024);
    private long count;

    /** Places for hashes and, behind them, for numbers; as many as a power of two. */
    private static final class Table implements AutoCloseable {
        private final Arena memory = Arena.ofConfined();
        private final long places;
        private final MemorySegment hashes;
        private final MemorySegment numbers;

        Table(long places) {
            this.places = places;
            this.hashes = memory.allocate(ValueLayout.JAVA_LONG, places);
            this.numbers = memory.allocate(ValueLayout.JAVA_INT, places);
        }

        long place(long hash) {
            long at = (hash >>> 1) & (places - 1);
            while (hashAt(at) != 0 && hashAt(at) != hash) {
                at = (at + 1) & (places - 1);
            }
            return at;
        }

        long hashAt(long place) {
            return hashes.getAtIndex(ValueLayout.JAVA_LONG, place);
        }

        int numberAt(long place) {
            return numbers.getAtIndex(ValueLayout.JAVA_INT, place);
        }

        void put(long hash, int number) {
            long at = place(hash);
            hashes.setAtIndex(ValueLayout.JAVA_LONG, at, hash);
            numbers.setAtIndex(ValueLayout.JAVA_INT, at, number);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    private static long hash(byte[] path) {
        long hash = 0xcbf2_9ce4_8422_2325L;
        for (byte letter : path) {
            hash = (hash ^ (letter & 0xff)) * PRIME;
        }
        hash ^= hash >>> 29;
        hash *= 0xbf58_476d_1ce4_e5b9L;
        return (hash ^ (hash >>> 32)) | 1; // 0 is a free place
    }

    void put(byte[] path, long number) {
        if (++count > table.places / 2) {
            grow();
        }
        table.put(hash(path), (int) number);
    }

    /** Returns the inode, or 0 when there is none. */
    long get(byte[] path) {
        return table.numberAt(table.place(hash(path))) & 0xffff_ffffL;
    }

    private void grow() {
        Table larger = new Table(table.places * 2);
        try (Table old = table) {
            for (long from = 0; from < old.places; from++) {
                if (old.hashAt(from) != 0) {
                    larger.put(old.hashAt(from), old.numberAt(from));
                }
            }
        }
        table = larger;
    }

    @Override
    public void close() {
        table.close();
    }
}
