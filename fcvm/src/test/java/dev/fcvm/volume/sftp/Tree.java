package dev.fcvm.volume.sftp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says in a text what is in a directory: names, contents, permissions, owners, links. */
final class Tree {

    private Tree() {}

    static String of(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.sorted().map(Tree::line).collect(Collectors.joining("\n"));
        }
    }

    private static String line(Path file) {
        try {
            String content = Files.isSymbolicLink(file)
                    ? "-> " + Files.readSymbolicLink(file)
                    : Files.isRegularFile(file) ? Files.readString(file) : "";
            return file + " "
                    + Files.readAttributes(file, "unix:mode,uid,gid,nlink", java.nio.file.LinkOption.NOFOLLOW_LINKS)
                    + " " + content;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
