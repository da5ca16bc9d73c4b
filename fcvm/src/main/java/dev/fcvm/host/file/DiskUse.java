package dev.fcvm.host.file;

import dev.fcvm.host.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What files take on a disk, and what a disk has left: single calls of the kernel, for who asks often. */
public final class DiskUse {

    /** The layouts of struct stat and struct statfs on x86-64: st_blocks, f_files and f_ffree. */
    private static final long STAT_BYTES = 144;

    private static final long STAT_BLOCKS = 64;
    private static final long STATFS_BYTES = 120;
    private static final long STATFS_INODES = 40;
    private static final long STATFS_FREE_INODES = 48;

    private static final int BLOCK = 512;
    private static final int NOT_THERE = 2;

    private DiskUse() {}

    /** Returns how many bytes this user may still write on the disk that a path is on, or would be on. */
    public static long free(Path path) throws IOException {
        Path there = existing(path);
        long free = there.toFile().getUsableSpace();
        if (free == 0 && !Files.exists(there)) {
            throw new IOException("cannot ask how much is free in " + path);
        }
        return free;
    }

    /** Returns how many bytes of the disk a file has been given: of a sparse one, what is written in it. */
    public static long allocated(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stat = arena.allocate(STAT_BYTES, Long.BYTES);
            ask(NativeCalls.STAT, arena, file, stat);
            return stat.get(ValueLayout.JAVA_LONG, STAT_BLOCKS) * BLOCK;
        }
    }

    /**
     * Returns how many files can still be made on the disk that a path is on; very many where the disk has no such
     * limit.
     */
    public static long freeInodes(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(STATFS_BYTES, Long.BYTES);
            ask(NativeCalls.STATFS, arena, existing(path), statfs);
            // Btrfs makes them as they are needed, and says that there are 0 of 0.
            return statfs.get(ValueLayout.JAVA_LONG, STATFS_INODES) == 0
                    ? Long.MAX_VALUE
                    : statfs.get(ValueLayout.JAVA_LONG, STATFS_FREE_INODES);
        }
    }

    private static void ask(int call, Arena arena, Path path, MemorySegment answer) throws IOException {
        MemorySegment name = arena.allocateFrom(path.toString());
        long result = NativeCalls.call(call, name.address(), answer.address(), 0);
        if (result == -NOT_THERE) {
            throw new NoSuchFileException(path.toString());
        }
        if (result < 0) {
            throw new IOException("cannot look at %s: error %d".formatted(path, -result));
        }
    }

    private static Path existing(Path path) {
        Path there = path.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }
}
