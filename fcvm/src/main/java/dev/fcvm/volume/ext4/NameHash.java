package dev.fcvm.volume.ext4;

/**
 * The hash by which the kernel finds names in large directories: TEA over bytes without sign, see "Hash Tree Directories"
 * in the kernel's description of ext4.
 *
 * @param major what the index has; even
 * @param minor orders names of one major hash
 */
record NameHash(int major, int minor) implements Comparable<NameHash> {

    /** Its number in an index. */
    static final int VERSION = 2;

    private static final int DELTA = 0x9E3779B9;
    private static final int WORDS = 4;

    /** Stands for the end of a directory when it is read, so no name may have it. */
    private static final int END = 0xfffffffe;

    static NameHash of(byte[] name, int[] seed) {
        int[] state = seed.clone();
        for (int at = 0; at < name.length; at += 4 * WORDS) {
            mix(state, words(name, at));
        }
        int major = state[0] & ~1;
        return new NameHash(major == END ? END - 2 : major, state[1]);
    }

    private static int[] words(byte[] name, int from) {
        int left = name.length - from;
        int pad = left | (left << 8);
        pad |= pad << 16;
        int[] words = new int[WORDS];
        int length = Math.min(left, 4 * WORDS);
        int word = 0;
        int value = pad;
        for (int i = 0; i < length; i++) {
            value = (name[from + i] & 0xff) + (value << 8);
            if (i % 4 == 3) {
                words[word++] = value;
                value = pad;
            }
        }
        if (word < WORDS) {
            words[word++] = value;
        }
        while (word < WORDS) {
            words[word++] = pad;
        }
        return words;
    }

    private static void mix(int[] state, int[] words) {
        int sum = 0;
        int one = state[0];
        int two = state[1];
        for (int round = 0; round < 16; round++) {
            sum += DELTA;
            one += ((two << 4) + words[0]) ^ (two + sum) ^ ((two >>> 5) + words[1]);
            two += ((one << 4) + words[2]) ^ (one + sum) ^ ((one >>> 5) + words[3]);
        }
        state[0] += one;
        state[1] += two;
    }

    @Override
    public int compareTo(NameHash other) {
        int majors = Integer.compareUnsigned(major, other.major);
        return majors != 0 ? majors : Integer.compareUnsigned(minor, other.minor);
    }
}
