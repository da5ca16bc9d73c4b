package dev.fcvm.volume.archive;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import java.io.IOException;
import java.util.Optional;

/** Makes way for what an archive has: it is there instead of what was there, but a directory is filled. */
final class Way {

    private Way() {}

    /**
     * Makes it.
     *
     * @param forDirectory whether a directory comes there
     * @param overwrite whether a file may take a directory's place, and a directory a file's
     */
    static void make(OpenDirectory directory, String name, boolean forDirectory, boolean overwrite) throws IOException {
        Optional<FileStatus> there = directory.find(name);
        if (there.isEmpty()) {
            return;
        }
        NodeKind kind = there.get().kind();
        if (kind == NodeKind.DIRECTORY && forDirectory) {
            return;
        }
        if ((kind == NodeKind.DIRECTORY || forDirectory) && !overwrite) {
            throw new IOException((forDirectory
                            ? "a directory is to take the place of what is no directory"
                            : "it is a directory, and what is none is to take its place")
                    + "; --overwrite allows that");
        }
        if (kind == NodeKind.DIRECTORY) {
            try (OpenDirectory below = directory.directory(name)) {
                clear(below, 0);
            }
        }
        directory.delete(name, kind);
    }

    private static void clear(OpenDirectory directory, int depth) throws IOException {
        if (depth > ArchivePaths.DEEPEST) {
            throw new IOException("it is deeper than " + ArchivePaths.DEEPEST + " levels; remove it by hand");
        }
        for (String name : directory.names()) {
            NodeKind kind = directory.status(name).kind();
            if (kind == NodeKind.DIRECTORY) {
                try (OpenDirectory below = directory.directory(name)) {
                    clear(below, depth + 1);
                }
            }
            directory.delete(name, kind);
        }
    }
}
