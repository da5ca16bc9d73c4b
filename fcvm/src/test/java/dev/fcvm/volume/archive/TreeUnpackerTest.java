package dev.fcvm.volume.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.archive.TreeUnpacker.Rules;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an archive of a stranger's may do to the directory it is unpacked in, and what not. */
class TreeUnpackerTest {

    private static final FileTime THEN = new FileTime(1_000_000_000, 0);

    @TempDir
    private Path top;

    private Path into;
    private final ByteArrayOutputStream archive = new ByteArrayOutputStream();

    @BeforeEach
    void makeDirectories() throws IOException {
        into = Files.createDirectory(top.resolve("into"));
        Files.writeString(top.resolve("secret"), "mine");
    }

    @Test
    void shouldMakeWhatAnArchiveHasUnderTheNameThatIsWanted() throws IOException {
        directory("there/", 0750);
        file("there/sub/one", 0640, "content");
        link("there/link", "../../secret");
        name("there/other", "there/sub/one");
        pipe("there/pipe");

        one("here", rules(false));

        assertThat(into.resolve("here/sub/one")).hasContent("content");
        assertThat(mode(into.resolve("here"))).isEqualTo("rwxr-x---");
        assertThat(mode(into.resolve("here/sub/one"))).isEqualTo("rw-r-----");
        assertThat(Files.readSymbolicLink(into.resolve("here/link"))).hasToString("../../secret");
        assertThat(Files.isSameFile(into.resolve("here/other"), into.resolve("here/sub/one")))
                .isTrue();
        assertThat(Files.getLastModifiedTime(into.resolve("here")).toMillis()).isEqualTo(1_000_000_000_000L);
        assertThat(list()).containsExactly("here");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "there/../../secret", "/secret/../..", "there//x", "..", "other/x"})
    void shouldRefusePathsThatLeadElsewhere(String path) throws IOException {
        directory("there/", 0755);
        file(path, 0644, "theirs");

        assertThatThrownBy(() -> one("here", rules(true))).isInstanceOf(IOException.class);

        assertThat(top.resolve("secret")).hasContent("mine");
        assertThat(list()).containsExactly("here");
    }

    @Test
    void shouldTakeNoMoreThanTheOneThingThatWasAskedFor() throws IOException {
        file("wanted", 0644, "good");
        file(".bashrc", 0644, "bad");

        assertThatThrownBy(() -> one("wanted", rules(true))).hasMessageContaining("more came than was asked for");

        assertThat(list()).containsExactly("wanted");
    }

    @Test
    void shouldNotWriteThroughALinkThatCameBefore() throws IOException {
        directory("d/", 0755);
        link("d/out", top.toString());
        file("d/out/secret", 0644, "theirs");

        assertThatThrownBy(() -> one("d", rules(true))).isInstanceOf(IOException.class);

        assertThat(top.resolve("secret")).hasContent("mine");
    }

    @Test
    void shouldReplaceALinkThatWasThereAndNotWhatItLeadsTo() throws IOException {
        Files.createSymbolicLink(into.resolve("x"), top.resolve("secret"));
        file("x", 0644, "theirs");

        one("x", rules(false));

        assertThat(top.resolve("secret")).hasContent("mine");
        assertThat(into.resolve("x")).hasContent("theirs");
        assertThat(Files.isSymbolicLink(into.resolve("x"))).isFalse();
    }

    @Test
    void shouldGiveNoNameToAFileOutsideByAFurtherName() throws IOException {
        directory("d/", 0755);
        link("d/up", top.toString());
        name("d/caught", "d/up/secret");

        assertThatThrownBy(() -> one("d", rules(true))).isInstanceOf(IOException.class);

        assertThat(into.resolve("d/caught")).doesNotExist();
    }

    @Test
    void shouldMakeNoDeviceAndHandOutNoRights() throws IOException {
        directory("d/", 02777);
        entry("d/null", '3', 0666, new byte[0], "", 1, 3);
        file("d/program", 06755, "#!");

        one("d", rules(false));

        assertThat(into.resolve("d/null")).doesNotExist();
        assertThat((int) Files.getAttribute(into.resolve("d/program"), "unix:mode") & 07777)
                .isEqualTo(0755);
        assertThat((int) Files.getAttribute(into.resolve("d"), "unix:mode") & 07777)
                .isEqualTo(0777);
    }

    @Test
    void shouldPutADirectorysContentsIntoAnother() throws IOException {
        Files.writeString(into.resolve("kept"), "kept");
        directory("d/", 0700);
        file("d/one", 0644, "1");
        file("d/two/three", 0644, "3");

        contents(rules(false));

        assertThat(list()).containsExactly("kept", "one", "two");
        assertThat(into.resolve("two/three")).hasContent("3");
    }

    @Test
    void shouldLetAFileTakeADirectorysPlaceOnlyWhereThatIsAllowed() throws IOException {
        Files.createDirectories(into.resolve("x/below"));
        file("x", 0644, "file");

        assertThatThrownBy(() -> one("x", rules(false))).hasMessageContaining("--overwrite");
        assertThat(into.resolve("x/below")).isDirectory();

        one("x", rules(true));
        assertThat(into.resolve("x")).hasContent("file");
    }

    @Test
    void shouldRefuseADirectoryWhereButAFileCanBe() throws IOException {
        directory("d/", 0755);

        assertThatThrownBy(() -> one("x", new Rules(true, false, into, new DataSize(0))))
                .hasMessage("destination must be a directory when copying a directory");
    }

    @Test
    void shouldKeepTheHostsDiskFromFillingUp() throws IOException {
        file("x", 0644, "content");
        var floor = new DataSize(1L << 50);

        assertThatThrownBy(() -> one("x", new Rules(true, true, into, floor))).hasMessageContaining("FCVM_DISK_FLOOR");
    }

    @Test
    void shouldTellAnArchiveThatIsCutOff() throws IOException {
        file("x", 0644, "content");
        byte[] all = archive.toByteArray();
        try (OpenDirectory directory = OpenDirectory.open(into)) {
            assertThatThrownBy(
                            () -> TreeUnpacker.one(new ByteArrayInputStream(all, 0, 600), directory, "x", rules(false)))
                    .isInstanceOf(java.io.EOFException.class);
        }
    }

    @Test
    void shouldPackWhatItUnpacks() throws Exception {
        Path source = Files.createDirectory(top.resolve("source"));
        Files.writeString(source.resolve("one"), "content");
        Files.createLink(source.resolve("two"), source.resolve("one"));
        Files.createSymbolicLink(source.resolve("link"), Path.of("one"));
        Files.createDirectories(source.resolve("a/very/" + "long".repeat(40)));
        Files.setPosixFilePermissions(source.resolve("one"), PosixFilePermissions.fromString("rw-------"));

        TreePacker.write(source, "packed", archive);
        try (OpenDirectory directory = OpenDirectory.open(into)) {
            TreeUnpacker.one(new ByteArrayInputStream(archive.toByteArray()), directory, "copy", rules(false));
        }

        Path copy = into.resolve("copy");
        assertThat(copy.resolve("one")).hasContent("content");
        assertThat(mode(copy.resolve("one"))).isEqualTo("rw-------");
        assertThat(Files.isSameFile(copy.resolve("one"), copy.resolve("two"))).isTrue();
        assertThat(Files.readSymbolicLink(copy.resolve("link"))).hasToString("one");
        assertThat(copy.resolve("a/very/" + "long".repeat(40))).isDirectory();
    }

    private Rules rules(boolean overwrite) {
        return new Rules(overwrite, true, into, new DataSize(0));
    }

    private void one(String name, Rules rules) throws IOException {
        try (OpenDirectory directory = OpenDirectory.open(into)) {
            TreeUnpacker.one(ended(), directory, name, rules);
        }
    }

    private void contents(Rules rules) throws IOException {
        try (OpenDirectory directory = OpenDirectory.open(into)) {
            TreeUnpacker.contents(ended(), directory, rules);
        }
    }

    private ByteArrayInputStream ended() throws IOException {
        var whole = new ByteArrayOutputStream();
        archive.writeTo(whole);
        whole.write(new byte[2 * TarHeader.RECORD]);
        return new ByteArrayInputStream(whole.toByteArray());
    }

    private List<String> list() throws IOException {
        try (Stream<Path> names = Files.list(into)) {
            return names.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    private void directory(String path, int mode) throws IOException {
        entry(path, '5', mode, new byte[0], "", 0, 0);
    }

    private void file(String path, int mode, String content) throws IOException {
        entry(path, '0', mode, content.getBytes(StandardCharsets.UTF_8), "", 0, 0);
    }

    private void link(String path, String target) throws IOException {
        entry(path, '2', 0777, new byte[0], target, 0, 0);
    }

    private void name(String path, String of) throws IOException {
        entry(path, '1', 0644, new byte[0], of, 0, 0);
    }

    private void pipe(String path) throws IOException {
        entry(path, '6', 0644, new byte[0], "", 0, 0);
    }

    private void entry(String path, char type, int mode, byte[] content, String link, int major, int minor)
            throws IOException {
        var status = new FileStatus(
                NodeKind.FILE, mode, 12345, 12345, content.length, 0, 1, 0, 0, major, minor, THEN, THEN, THEN);
        var header = new TarHeader(path, type, status, content.length);
        (link.isEmpty() ? header : header.link(link)).write(archive);
        archive.write(content);
        TarHeader.pad(archive, content.length);
    }
}
