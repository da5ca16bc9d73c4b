package dev.fcvm.host.file;

import dev.fcvm.host.NativeCalls;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Files with holes: what is written in them, and copies that take no more than that. */
public final class SparseFiles {

    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NO_FOLLOW = 0x20000;
    private static final int READ_ONLY = 0;
    private static final int WRITE_ONLY = 1;

    // lseek(2)
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    /** There is no more data. */
    private static final int ENXIO = 6;

    /** ioctl_ficlone(2): the new file shares the blocks of the old until one of them writes. */
    private static final long FICLONE = 0x40049409L;

    private static final FileAttribute<Set<PosixFilePermission>> OWN =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private SparseFiles() {}

    /**
     * A piece of a file that has been written; what is between two is zeros.
     *
     * @param offset where it begins, in bytes
     * @param length how many bytes it has
     */
    public record Extent(long offset, long length) {}

    /** Returns what has been written of a file, in order. On a file system that cannot tell, all of it. */
    public static List<Extent> extents(Path file) throws IOException {
        long size = Files.size(file);
        try (Descriptor opened = new Descriptor(file, READ_ONLY)) {
            var extents = new ArrayList<Extent>();
            for (long at = 0; at < size; ) {
                long data = opened.call(NativeCalls.LSEEK, at, SEEK_DATA);
                if (data == -ENXIO) {
                    break;
                }
                if (data < 0) {
                    return List.of(new Extent(0, size));
                }
                long hole = Math.min(size, opened.call(NativeCalls.LSEEK, data, SEEK_HOLE));
                if (hole <= data) {
                    break; // it has become shorter
                }
                extents.add(new Extent(data, hole - data));
                at = hole;
            }
            return extents;
        }
    }

    /**
     * Copies a file into a new one of the user's alone: by sharing its blocks where the file system can, else only what
     * has been written.
     */
    public static void copy(Path from, Path to) throws IOException {
        try (FileChannel target =
                FileChannel.open(to, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWN)) {
            if (shares(from, to)) {
                return;
            }
            try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ)) {
                for (Extent extent : extents(from)) {
                    copy(source, target, extent);
                }
                setSize(to, source.size());
            }
        }
    }

    /** Makes a file this long; what is added is a hole. */
    public static void setSize(Path file, long size) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(size);
        }
    }

    private static void copy(FileChannel source, FileChannel target, Extent extent) throws IOException {
        target.position(extent.offset());
        long left = extent.length();
        while (left > 0) {
            // copy_file_range(2), where the file system has it.
            long copied = source.transferTo(extent.offset() + extent.length() - left, left, target);
            if (copied <= 0) {
                throw new IOException("the file became shorter while it was copied");
            }
            left -= copied;
        }
    }

    private static boolean shares(Path from, Path to) throws IOException {
        try (Descriptor source = new Descriptor(from, READ_ONLY);
                Descriptor target = new Descriptor(to, WRITE_ONLY)) {
            return target.call(NativeCalls.IOCTL, FICLONE, source.number) == 0;
        }
    }

    /** An open file, by its number. */
    private static final class Descriptor implements AutoCloseable {
        private final long number;

        Descriptor(Path file, int how) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                number = NativeCalls.call(
                        NativeCalls.OPEN,
                        arena.allocateFrom(file.toString()).address(),
                        how | CLOSE_ON_EXEC | NO_FOLLOW,
                        0);
            }
            if (number < 0) {
                throw new IOException("cannot open %s: error %d".formatted(file, -number));
            }
        }

        long call(int call, long second, long third) {
            return NativeCalls.call(call, number, second, third);
        }

        @Override
        public void close() {
            NativeCalls.call(NativeCalls.CLOSE, number, 0, 0);
        }
    }
}
