package dev.fcvm.host.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The hash by which ext4 finds names in large directories: TEA, one of those the kernel has for it. */
public final class NameHash {

    /** Its number in a directory and in the superblock; names are taken as unsigned bytes. */
    static final int VERSION = 2;

    private static final int DELTA = 0x9e37_79b9;
    private static final int PIECE = 16;

    /** Where a directory ends; no name may have it. */
    private static final int END = 0xffff_fffe;

    private final int[] seed = new int[4];

    /**
     * @param seed the file system's, 16 bytes that are not all 0
     */
    public NameHash(byte[] seed) {
        ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(this.seed);
    }

    /** Returns the hash of a name; its lowest bit is 0. */
    int of(byte[] bytes, int offset, int length) {
        int first = seed[0];
        int second = seed[1];
        int[] words = new int[4];
        for (int done = 0; done < length; done += PIECE) {
            words(bytes, offset + done, length - done, words);
            int sum = 0;
            int left = first;
            int right = second;
            for (int round = 0; round < 16; round++) {
                sum += DELTA;
                left += ((right << 4) + words[0]) ^ (right + sum) ^ ((right >>> 5) + words[1]);
                right += ((left << 4) + words[2]) ^ (left + sum) ^ ((left >>> 5) + words[3]);
            }
            first += left;
            second += right;
        }
        int hash = first & ~1;
        return hash == END ? END - 2 : hash;
    }

    private static void words(byte[] bytes, int offset, int left, int[] words) {
        int padding = left | (left << 8);
        padding |= padding << 16;
        int used = Math.min(left, PIECE);
        int number = 0;
        int word = padding;
        for (int at = 0; at < used; at++) {
            word = (bytes[offset + at] & 0xff) + (word << 8);
            if (at % 4 == 3) {
                words[number++] = word;
                word = padding;
            }
        }
        if (number < 4) {
            words[number++] = word;
        }
        while (number < 4) {
            words[number++] = padding;
        }
    }
}
