package dev.fcvm.host.nodes;

import dev.fcvm.host.NativeCalls;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.io.Serial;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** The kernel's calls on files, with their errors in words. Numbers are those of x86-64. */
final class Kernel {

    static final int LSEEK = 8;
    static final int CLOSE = 3;
    static final int PREAD64 = 17;
    static final int PWRITE64 = 18;
    static final int FSYNC = 74;
    static final int FTRUNCATE = 77;
    static final int FCHMOD = 91;
    static final int FCHOWN = 93;
    static final int LSETXATTR = 189;
    static final int LGETXATTR = 192;
    static final int LLISTXATTR = 195;
    static final int LREMOVEXATTR = 198;
    static final int GETDENTS64 = 217;
    static final int OPENAT = 257;
    static final int MKDIRAT = 258;
    static final int MKNODAT = 259;
    static final int FCHOWNAT = 260;
    static final int UNLINKAT = 263;
    static final int LINKAT = 265;
    static final int SYMLINKAT = 266;
    static final int READLINKAT = 267;
    static final int UTIMENSAT = 280;
    static final int SYNCFS = 306;
    static final int RENAMEAT2 = 316;
    static final int STATX = 332;

    static final int ENOENT = 2;
    static final int EEXIST = 17;
    static final int ENODATA = 61;
    static final int EOPNOTSUPP = 95;

    private static final Map<Integer, String> WORDS = Map.ofEntries(
            Map.entry(1, "operation not permitted"),
            Map.entry(ENOENT, "no such file or directory"),
            Map.entry(5, "input/output error"),
            Map.entry(6, "no such device or address"),
            Map.entry(13, "permission denied"),
            Map.entry(EEXIST, "there is something of that name already"),
            Map.entry(18, "it lies on another file system"),
            Map.entry(20, "not a directory"),
            Map.entry(21, "it is a directory"),
            Map.entry(22, "invalid argument"),
            Map.entry(24, "too many open files"),
            Map.entry(26, "it is being run"),
            Map.entry(27, "too large for the file system"),
            Map.entry(28, "no space left"),
            Map.entry(30, "the file system is read-only"),
            Map.entry(36, "the name is too long"),
            Map.entry(39, "the directory is not empty"),
            Map.entry(40, "it is a symbolic link"),
            Map.entry(ENODATA, "no such attribute"),
            Map.entry(EOPNOTSUPP, "the file system does not support it"),
            Map.entry(122, "the disk quota is used up"));

    private static final int EINTR = 4;

    private Kernel() {}

    /** The kernel has refused a call. */
    static final class Refused extends IOException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final int number;

        Refused(int number) {
            super(WORDS.getOrDefault(number, "error number " + number));
            this.number = number;
        }

        /** Returns the error number, errno(3). */
        int number() {
            return number;
        }
    }

    /** Makes a call, again when a signal interrupts it. */
    static long call(int number, long first, long second, long third, long fourth, long fifth) throws IOException {
        while (true) {
            long result = NativeCalls.call(number, first, second, third, fourth, fifth);
            if (result >= 0) {
                return result;
            }
            if (result != -EINTR) {
                throw new Refused((int) -result);
            }
        }
    }

    static long call(int number, long first, long second, long third) throws IOException {
        return call(number, first, second, third, 0, 0);
    }

    /** Returns a text as the kernel takes it. */
    static long text(Arena arena, String text) throws IOException {
        byte[] bytes = RawText.encode(text);
        MemorySegment native0 = arena.allocate(bytes.length + 1L);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                throw new IOException("it contains a NUL");
            }
        }
        MemorySegment.copy(bytes, 0, native0, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return native0.address();
    }

    /** Returns the name of something in one directory as the kernel takes it; nothing that leads out of it is one. */
    static long name(Arena arena, String name) throws IOException {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
            throw new IOException("it is no name of a file");
        }
        return text(arena, name);
    }
}
