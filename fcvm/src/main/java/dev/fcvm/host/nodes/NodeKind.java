package dev.fcvm.host.nodes;

import java.util.Arrays;
import java.util.Optional;

/** What a name in a directory stands for. */
public enum NodeKind {
    /** A file with content. */
    FILE(0x8000),
    /** A directory. */
    DIRECTORY(0x4000),
    /** A symbolic link. */
    LINK(0xa000),
    /** A named pipe. */
    PIPE(0x1000),
    /** A socket's name. */
    SOCKET(0xc000),
    /** A character device. */
    CHARACTERS(0x2000),
    /** A block device. */
    BLOCKS(0x6000);

    private static final int MASK = 0xf000;

    private final int bits;

    NodeKind(int bits) {
        this.bits = bits;
    }

    /** Returns its bits in {@code st_mode}, see inode(7). */
    public int bits() {
        return bits;
    }

    /** Finds the kind of a mode; nothing for one that no kernel has. */
    public static Optional<NodeKind> of(int mode) {
        return Arrays.stream(values())
                .filter(kind -> kind.bits == (mode & MASK))
                .findFirst();
    }
}
