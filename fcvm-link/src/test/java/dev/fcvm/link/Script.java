package dev.fcvm.link;

/** The bytes of a fuzzer as a list of numbers; zeros once they are used up. */
final class Script {

    private final byte[] bytes;
    private int at;

    Script(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean more() {
        return at < bytes.length;
    }

    int small() {
        return more() ? bytes[at++] & 0xFF : 0;
    }

    int medium() {
        return small() << 8 | small();
    }

    int number() {
        return medium() << 16 | medium();
    }

    long wide() {
        return ((long) number() << 32) | (number() & 0xFFFF_FFFFL);
    }

    /** Returns as many bytes as there are left, at most this many. */
    byte[] bytes(int most) {
        byte[] taken = java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + most));
        at += taken.length;
        return taken;
    }
}
