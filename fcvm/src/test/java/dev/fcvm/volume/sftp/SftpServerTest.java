package dev.fcvm.volume.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest can do with a directory that is served to it, and what it keeps when the server is another one. */
class SftpServerTest {

    private static final int CREATE = Sftp.OPEN_READ | Sftp.OPEN_WRITE | Sftp.OPEN_CREATE;

    @TempDir
    private Path directory;

    @Test
    void shouldReadWhatWasWrittenAtItsPlace() throws Exception {
        try (RawClient client = RawClient.of(directory)) {
            byte[] handle = client.open("file", CREATE);
            client.ask(Sftp.WRITE, handle, 0L, "hello");
            client.ask(Sftp.WRITE, handle, 100_000L, "world");
            RawClient.Answer read = client.ask(Sftp.READ, handle, 99_999L, 100);
            assertThat(read.string()).isEqualTo("\0world".getBytes(StandardCharsets.UTF_8));
            assertThat(client.ask(Sftp.READ, handle, 100_005L, 10).status()).isEqualTo(Sftp.END);
            assertThat(client.ask(Sftp.EXTENDED, Sftp.FSYNC, handle).status()).isEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.CLOSE, (Object) handle).status()).isEqualTo(Sftp.OK);
        }
        assertThat(Files.size(directory.resolve("file"))).isEqualTo(100_005);
    }

    @Test
    void shouldTellWhoOpensAFileWhatItIsAndAllOfALittleOne() throws Exception {
        Files.writeString(directory.resolve("little"), "content");
        Files.write(directory.resolve("large"), new byte[Sftp.LONGEST_LOOK + 1]);
        try (RawClient client = RawClient.of(directory)) {
            RawClient.Answer little = look(client, "little", Sftp.OPEN_READ);
            byte[] handle = little.string();
            assertThat(size(little.string())).isEqualTo(7);
            assertThat(StandardCharsets.UTF_8.decode(little.body()).toString()).isEqualTo("content");
            assertThat(client.ask(Sftp.READ, handle, 0L, 100).text()).isEqualTo("content");
            RawClient.Answer large = look(client, "large", Sftp.OPEN_READ);
            large.string();
            assertThat(size(large.string())).isEqualTo(Sftp.LONGEST_LOOK + 1);
            assertThat(large.body().hasRemaining()).isFalse();
            RawClient.Answer written = look(client, "little", Sftp.OPEN_READ | Sftp.OPEN_WRITE);
            written.string();
            assertThat(size(written.string())).isEqualTo(7);
            assertThat(written.body().hasRemaining()).isFalse();
        }
    }

    private static RawClient.Answer look(RawClient client, String path, int flags) throws IOException {
        return client.ask(Sftp.OPEN, path, flags, 0x80000000, 1, Sftp.LOOK, "");
    }

    private static long size(byte[] attributes) {
        return ByteBuffer.wrap(attributes).getLong(Integer.BYTES);
    }

    @Test
    void shouldMakeNameAndRemoveWhatAFileSystemHas() throws Exception {
        try (RawClient client = RawClient.of(directory)) {
            assertThat(client.ask(Sftp.MKDIR, "a", Sftp.HAS_PERMISSIONS, 0750).status())
                    .isEqualTo(Sftp.OK);
            client.open("a/file", CREATE);
            assertThat(client.ask(Sftp.EXTENDED, Sftp.HARDLINK, "a/file", "a/second")
                            .status())
                    .isEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.SYMLINK, "/etc/passwd", "a/link").status())
                    .isEqualTo(Sftp.OK);
            RawClient.Answer link = client.ask(Sftp.READLINK, "a/link");
            link.body().getInt();
            assertThat(link.text()).isEqualTo("/etc/passwd");
            assertThat(client.ask(Sftp.RENAME, "a/file", "a/second").status()).isEqualTo(Sftp.FAILURE);
            assertThat(client.ask(Sftp.EXTENDED, Sftp.POSIX_RENAME, "a/link", "a/second")
                            .status())
                    .isEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.RMDIR, "a").status()).isEqualTo(Sftp.FAILURE);
            assertThat(client.ask(Sftp.REMOVE, "a/second").status()).isEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.REMOVE, "a/file").status()).isEqualTo(Sftp.OK);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("a"))))
                    .isEqualTo("rwxr-x---");
            assertThat(client.ask(Sftp.RMDIR, "a").status()).isEqualTo(Sftp.OK);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldSetPermissionsAndTimesOfFilesAndTimesOfLinks() throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
        try (RawClient client = RawClient.of(directory)) {
            int both = Sftp.HAS_PERMISSIONS | Sftp.HAS_TIMES | Sftp.HAS_SIZE;
            assertThat(client.ask(Sftp.SETSTAT, "file", both, 3L, 0640, 1_000_000, 2_000_000)
                            .status())
                    .isEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.SETSTAT, "link", Sftp.HAS_TIMES, 5, 6).status())
                    .isEqualTo(Sftp.OK);
            ByteBuffer status = client.ask(Sftp.LSTAT, "file").body();
            status.getInt();
            assertThat(status.getLong()).isEqualTo(3);
            status.getLong();
            assertThat(status.getInt()).isEqualTo(0100640);
            assertThat(status.getInt()).isEqualTo(1_000_000);
            assertThat(status.getInt()).isEqualTo(2_000_000);
        }
        assertThat(Files.getLastModifiedTime(directory.resolve("file")).toMillis())
                .isEqualTo(2_000_000_000L);
    }

    @Test
    void shouldListNamesThatAreNoText() throws Exception {
        byte[] odd = {(byte) 0xff, '\n', ' ', '*', (byte) 0x80};
        try (RawClient client = RawClient.of(directory)) {
            for (int i = 0; i < 1000; i++) {
                client.ask(Sftp.CLOSE, (Object) client.open("file-with-a-name-of-some-length-" + i, CREATE));
            }
            client.ask(Sftp.CLOSE, (Object) client.open(odd, CREATE));
            List<byte[]> names = client.list(".");
            assertThat(names).hasSize(1003).anyMatch(name -> java.util.Arrays.equals(name, odd));
            assertThat(client.ask(Sftp.REMOVE, (Object) odd).status()).isEqualTo(Sftp.OK);
        }
    }

    @Test
    void shouldRefuseEveryChangeOfAReadOnlyMapping() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        Files.createDirectory(directory.resolve("empty"));
        String before = Tree.of(directory);
        var share = new Share(directory, Optional.empty(), false, Identities.same());
        try (RawClient client = new RawClient(share)) {
            byte[] handle = client.open("file", Sftp.OPEN_READ);
            assertThat(client.ask(Sftp.READ, handle, 0L, 100).text()).isEqualTo("content");
            assertThat(List.of(
                            client.ask(Sftp.WRITE, handle, 0L, "x"),
                            client.ask(Sftp.FSETSTAT, handle, Sftp.HAS_SIZE, 0L),
                            client.ask(Sftp.FSETSTAT, handle, Sftp.HAS_TIMES, 1, 1),
                            client.ask(Sftp.OPEN, "file", Sftp.OPEN_WRITE, 0),
                            client.ask(Sftp.OPEN, "file", Sftp.OPEN_APPEND, 0),
                            client.ask(Sftp.OPEN, "file", Sftp.OPEN_READ | Sftp.OPEN_TRUNCATE, 0),
                            client.ask(Sftp.OPEN, "new", Sftp.OPEN_READ | Sftp.OPEN_CREATE, 0),
                            client.ask(Sftp.EXTENDED, Sftp.REOPEN, handle, "file", Sftp.OPEN_WRITE),
                            client.ask(Sftp.SETSTAT, "file", Sftp.HAS_PERMISSIONS, 0777),
                            client.ask(Sftp.SETSTAT, "file", Sftp.HAS_OWNERS, 1, 1),
                            client.ask(Sftp.REMOVE, "file"),
                            client.ask(Sftp.RMDIR, "empty"),
                            client.ask(Sftp.MKDIR, "new", 0),
                            client.ask(Sftp.RENAME, "file", "new"),
                            client.ask(Sftp.EXTENDED, Sftp.POSIX_RENAME, "file", "new"),
                            client.ask(Sftp.EXTENDED, Sftp.HARDLINK, "file", "new"),
                            client.ask(Sftp.SYMLINK, "file", "new")))
                    .allMatch(answer -> answer.status() == Sftp.PERMISSION_DENIED);
        }
        assertThat(Tree.of(directory)).isEqualTo(before);
        assertThat(file).hasContent("content");
    }

    @Test
    void shouldOpenTheSameFileAgainAtAnotherServer() throws Exception {
        byte[] handle;
        try (RawClient first = RawClient.of(directory)) {
            handle = first.open("file", CREATE);
            first.ask(Sftp.WRITE, handle, 0L, "hello");
        }
        try (RawClient second = RawClient.of(directory)) {
            assertThat(second.ask(Sftp.READ, handle, 0L, 5).status()).isEqualTo(Sftp.INVALID_HANDLE);
            RawClient.Answer again = second.ask(
                    Sftp.EXTENDED, Sftp.REOPEN, handle, "file", CREATE | Sftp.OPEN_TRUNCATE | Sftp.OPEN_EXCLUSIVE);
            assertThat(again.string()).isEqualTo(handle);
            assertThat(second.ask(Sftp.READ, handle, 0L, 5).text()).isEqualTo("hello");
            assertThat(second.ask(Sftp.WRITE, handle, 5L, "!").status()).isEqualTo(Sftp.OK);
        }
        assertThat(directory.resolve("file")).hasContent("hello!");
    }

    @Test
    void shouldNotOpenAnotherFileOfTheSameNameAgain() throws Exception {
        byte[] handle;
        try (RawClient first = RawClient.of(directory)) {
            handle = first.open("file", CREATE);
        }
        Files.writeString(directory.resolve("other"), "another");
        Files.move(
                directory.resolve("other"),
                directory.resolve("file"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (RawClient second = RawClient.of(directory)) {
            assertThat(second.ask(Sftp.EXTENDED, Sftp.REOPEN, handle, "file", CREATE)
                            .status())
                    .isEqualTo(Sftp.INVALID_HANDLE);
            assertThat(second.ask(Sftp.EXTENDED, Sftp.REOPEN, "made up", "file", CREATE)
                            .status())
                    .isEqualTo(Sftp.INVALID_HANDLE);
        }
    }

    @Test
    void shouldLetNothingOfADiskChangeButItsContent() throws Exception {
        Path disk = Files.writeString(directory.resolve("disk"), "content");
        var share = new Share(directory, Optional.of("disk"), OptionalLong.of(7), true, Identities.same());
        try (RawClient client = new RawClient(share)) {
            byte[] handle = client.open("disk", Sftp.OPEN_WRITE);
            assertThat(client.ask(Sftp.WRITE, handle, 4L, "ENT").status()).isEqualTo(Sftp.OK);
            for (long offset : new long[] {5, 7, Long.MAX_VALUE}) {
                assertThat(client.ask(Sftp.WRITE, handle, offset, "xxx").status())
                        .isEqualTo(Sftp.NO_SPACE);
            }
            for (long offset : new long[] {-1, Long.MIN_VALUE}) {
                assertThat(client.ask(Sftp.WRITE, handle, offset, "xxx").status())
                        .isEqualTo(Sftp.BAD_MESSAGE);
            }
            for (int flag : new int[] {Sftp.OPEN_TRUNCATE, Sftp.OPEN_APPEND}) {
                assertThat(client.ask(Sftp.OPEN, "disk", Sftp.OPEN_WRITE | flag, 0)
                                .status())
                        .isEqualTo(Sftp.PERMISSION_DENIED);
            }
            assertThat(client.ask(Sftp.FSETSTAT, handle, Sftp.HAS_SIZE, 1L << 40)
                            .status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.SETSTAT, "disk", Sftp.HAS_SIZE, 0L).status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.SETSTAT, "disk", Sftp.HAS_PERMISSIONS, 0).status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.REMOVE, "disk").status()).isEqualTo(Sftp.PERMISSION_DENIED);
        }
        assertThat(disk).hasContent("contENT");
    }

    @Test
    void shouldServeOneFileAndNothingBesideIt() throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        Files.writeString(directory.resolve("secret"), "secret");
        var share = new Share(directory, Optional.of("file"), true, Identities.same());
        try (RawClient client = new RawClient(share)) {
            assertThat(client.list(".")).containsExactly("file".getBytes(StandardCharsets.UTF_8));
            byte[] handle = client.open("file", Sftp.OPEN_WRITE);
            assertThat(client.ask(Sftp.WRITE, handle, 0L, "CONTENT").status()).isEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.OPEN, "secret", Sftp.OPEN_READ, 0).status())
                    .isEqualTo(Sftp.NO_SUCH_FILE);
            assertThat(client.ask(Sftp.LSTAT, "secret").status()).isEqualTo(Sftp.NO_SUCH_FILE);
            assertThat(client.ask(Sftp.OPEN, "new", CREATE, 0).status()).isEqualTo(Sftp.NO_SUCH_FILE);
            assertThat(client.ask(Sftp.EXTENDED, Sftp.POSIX_RENAME, "secret", "file")
                            .status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.SETSTAT, ".", Sftp.HAS_PERMISSIONS, 0777).status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
        }
        assertThat(directory.resolve("file")).hasContent("CONTENT");
        assertThat(directory.resolve("secret")).hasContent("secret");
    }

    @Test
    void shouldShowAnOrdinaryUsersFilesAsRootsAndOthersAsNobodys() throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        int owner = (Integer) Files.getAttribute(directory.resolve("file"), "unix:uid");
        try (RawClient own =
                        new RawClient(new Share(directory, Optional.empty(), true, Identities.ofUser(owner, owner)));
                RawClient other = new RawClient(
                        new Share(directory, Optional.empty(), true, Identities.ofUser(owner + 1, owner + 1)))) {
            assertThat(user(own)).isZero();
            assertThat(user(other)).isEqualTo(65534);
            assertThat(own.ask(Sftp.SETSTAT, "file", Sftp.HAS_OWNERS, 0, 0).status())
                    .isEqualTo(Sftp.OK);
            assertThat(own.ask(Sftp.SETSTAT, "file", Sftp.HAS_OWNERS, 1000, -1).status())
                    .isEqualTo(Sftp.FAILURE);
        }
        assertThat(Files.getAttribute(directory.resolve("file"), "unix:uid")).isEqualTo(owner);
    }

    private static int user(RawClient client) throws IOException {
        return client.ask(Sftp.LSTAT, "file").body().getInt(4 + 8);
    }

    @Test
    void shouldRefuseWhatWouldRunAsAnotherUser() throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        try (RawClient client = RawClient.of(directory)) {
            assertThat(client.ask(Sftp.SETSTAT, "file", Sftp.HAS_PERMISSIONS, 04755)
                            .status())
                    .isEqualTo(Sftp.FAILURE);
            assertThat(client.ask(Sftp.SETSTAT, "file", Sftp.HAS_PERMISSIONS, 02755)
                            .status())
                    .isEqualTo(Sftp.FAILURE);
            client.ask(Sftp.OPEN, "new", CREATE, Sftp.HAS_PERMISSIONS, 06755);
        }
        assertThat((Integer) Files.getAttribute(directory.resolve("new"), "unix:mode"))
                .isEqualTo(0100755);
    }

    @Test
    void shouldOpenSoManyFilesAndRefuseTheNext() throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        try (RawClient client = RawClient.of(directory)) {
            byte[] handle = client.open("file", Sftp.OPEN_READ);
            for (int i = 1; i < OpenFiles.MOST; i++) {
                client.open("file", Sftp.OPEN_READ);
            }
            assertThat(client.ask(Sftp.OPEN, "file", Sftp.OPEN_READ, 0).status())
                    .isEqualTo(Sftp.INVALID_HANDLE);
            assertThat(client.ask(Sftp.OPENDIR, ".").status()).isEqualTo(Sftp.INVALID_HANDLE);
            client.ask(Sftp.CLOSE, (Object) handle);
            client.open("file", Sftp.OPEN_READ);
        }
    }

    @Test
    void shouldGoOnAfterAMalformedRequestAndEndAtAPacketWithoutBounds() throws Exception {
        try (RawClient client = RawClient.of(directory)) {
            assertThat(client.ask(Sftp.OPEN, 5).status()).isEqualTo(Sftp.BAD_MESSAGE);
            assertThat(client.ask(Sftp.READ, "x", -1L, 1).status()).isIn(Sftp.BAD_MESSAGE, Sftp.INVALID_HANDLE);
            assertThat(client.ask(99).status()).isEqualTo(Sftp.UNSUPPORTED);
            assertThat(client.ask(Sftp.LSTAT, ".").type()).isEqualTo(Sftp.ATTRIBUTES);
            client.send(new byte[] {0x7f, 0, 0, 0});
            assertThat(client.end()).get().asString().contains("a packet of");
        }
    }

    @Test
    void shouldNameADirectoryThatIsNotThere() {
        assertThatThrownBy(() -> ServedTree.open(
                        new Share(directory.resolve("gone"), Optional.empty(), true, Identities.same())))
                .isInstanceOf(IOException.class);
    }
}
