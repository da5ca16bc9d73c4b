package dev.fcvm.volume.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By what it is known that a copy still is one. */
final class TreeDigestTest {

    @TempDir
    Path place;

    private interface Change {
        void run() throws Exception;
    }

    @Test
    void shouldTellEveryChangeOfATree() throws Exception {
        Path tree = Files.createDirectory(place.resolve("tree"));
        Path file = Files.writeString(tree.resolve("file"), "1");
        Files.createDirectory(tree.resolve("below"));
        List<String> seen = new ArrayList<>();
        seen.add(digest(tree));
        assertThat(digest(tree)).isEqualTo(seen.getFirst());
        for (Change change : List.<Change>of(
                () -> Files.writeString(file, "22"),
                () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------")),
                () -> Files.setLastModifiedTime(file, FileTime.fromMillis(5)),
                () -> Files.move(file, tree.resolve("other")),
                () -> Files.move(tree.resolve("other"), tree.resolve("below/other")),
                () -> Files.createSymbolicLink(tree.resolve("link"), Path.of("a")),
                () -> Files.delete(tree.resolve("link")))) {
            change.run();
            seen.add(digest(tree));
        }

        assertThat(seen).doesNotHaveDuplicates();
        assertThat(TreeDigest.of(tree, false, "others").value()).isNotEqualTo(seen.getLast());
    }

    @Test
    void shouldNotTrustATreeThatHasJustChanged() throws Exception {
        Path tree = Files.createDirectory(place.resolve("fresh"));
        Files.writeString(tree.resolve("file"), "1");

        assertThat(TreeDigest.of(tree, false, "").settled()).isFalse();
        assertThat(TreeDigest.of(Path.of("/usr/share/doc/base-files"), false, "")
                        .settled())
                .isTrue();
    }

    private static String digest(Path tree) throws Exception {
        return TreeDigest.of(tree, false, "").value();
    }

    @Test
    void shouldMakeACopyOnceAndGiveEachMachineANameForIt() throws Exception {
        Path copies = Files.createDirectory(place.resolve("copies"));
        var cache = new CopyCache(copies, Clock.systemUTC());
        List<Path> made = new ArrayList<>();
        CopyCache.Maker maker = image -> {
            made.add(image);
            Files.writeString(image, "content");
        };

        cache.provide("abc", place.resolve("one"), maker);
        cache.provide("abc", place.resolve("two"), maker);

        assertThat(made).containsExactly(place.resolve("one"));
        assertThat(Files.isSameFile(place.resolve("one"), place.resolve("two"))).isTrue();
        Files.delete(copies.resolve("abc.ext4"));
        assertThat(Files.readString(place.resolve("two"))).isEqualTo("content");
    }
}
