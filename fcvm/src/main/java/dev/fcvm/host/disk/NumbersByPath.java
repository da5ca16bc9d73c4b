package dev.fcvm.host.disk;

/**
 * The inodes of files by their paths, for what is linked to them later. Of a path only a hash of 64 bits is kept, for
 * there may be millions; who makes two paths with the same hash confuses two files of a tree that is theirs.
 */
final class NumbersByPath {

    private static final long PRIME = 0x0000_0100_0000_01b3L;

    private long[] hashes = new long[1024];
    private int[] numbers = new int[1024];
    private int count;

    private static long hash(byte[] path) {
        long hash = 0xcbf2_9ce4_8422_2325L;
        for (byte letter : path) {
            hash = (hash ^ (letter & 0xff)) * PRIME;
        }
        hash ^= hash >>> 29;
        hash *= 0xbf58_476d_1ce4_e5b9L;
        return (hash ^ hash >>> 32) | 1; // 0 is a free place
    }

    private int place(long hash) {
        int at = (int) (hash >>> 1) & hashes.length - 1;
        while (hashes[at] != 0 && hashes[at] != hash) {
            at = at + 1 & hashes.length - 1;
        }
        return at;
    }

    void put(byte[] path, long number) {
        if (++count > hashes.length / 2) {
            grow();
        }
        long hash = hash(path);
        int at = place(hash);
        hashes[at] = hash;
        numbers[at] = (int) number;
    }

    /** Returns the inode, or 0 when there is none. */
    long get(byte[] path) {
        return numbers[place(hash(path))] & 0xffff_ffffL;
    }

    private void grow() {
        long[] old = hashes;
        int[] known = numbers;
        hashes = new long[old.length * 2];
        numbers = new int[old.length * 2];
        for (int from = 0; from < old.length; from++) {
            if (old[from] != 0) {
                int at = place(old[from]);
                hashes[at] = old[from];
                numbers[at] = known[from];
            }
        }
    }
}
