package dev.fcvm.volume.nfs;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which directories are whole file systems. A client of NFS names files by numbers, and can make up those of any file of
 * the file system: what is exported is that, whatever part of it is said to be. So only what is one may be mapped, and
 * not one whose parts are file systems of their own in all but the numbers.
 */
final class FileSystems {

    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    /** Those of which the kernel makes such numbers, and whose numbers stay inside. */
    private static final Set<String> FIT = Set.of("ext2", "ext3", "ext4", "xfs", "f2fs", "tmpfs", "zfs");

    private FileSystems() {}

    /** Refuses a directory that is not the whole of a file system that can be exported. */
    static void requireWhole(Path directory, String target) throws FcvmException {
        String kind;
        try (Stream<String> lines = Files.lines(TABLE)) {
            kind = kindOf(directory.toRealPath(), lines.toList());
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot look for the file system of %s: %s".formatted(directory, IoReason.of(e)), e);
        }
        if (kind.isEmpty()) {
            throw refused(
                    directory,
                    target,
                    "it is a part of a file system, and a client of NFS can reach all of that; use mode=sshfs, or give it a file system of its own");
        }
        if (!FIT.contains(kind)) {
            throw refused(
                    directory,
                    target,
                    "a file system of the kind %s cannot be exported to one directory's bounds; use mode=sshfs"
                            .formatted(kind));
        }
    }

    /**
     * Returns the kind of the file system whose root is mounted there; empty when none is.
     *
     * @param table lines of proc_pid_mountinfo(5)
     */
    static String kindOf(Path directory, List<String> table) {
        String kind = "";
        for (String line : table) {
            String[] halves = line.split(" - ", 2);
            String[] fields = halves[0].split(" ", -1);
            if (halves.length == 2 && fields.length > 5 && unescaped(fields[4]).equals(directory.toString())) {
                // What is mounted last hides what was before.
                kind = fields[3].equals("/") ? halves[1].split(" ", 2)[0] : "";
            }
        }
        return kind;
    }

    private static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    private static FcvmException refused(Path directory, String target, String why) {
        return new FcvmException(Kind.USAGE, "cannot map %s to %s by NFS: %s".formatted(directory, target, why));
    }
}
