package dev.fcvm.volume.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that speaks SFTP by itself, and wants out of the directory that is served to it. */
@Timeout(60)
class HostileClientTest {

    private static final int CREATE = Sftp.OPEN_READ | Sftp.OPEN_WRITE | Sftp.OPEN_CREATE;
    private static final int ROUNDS = 1500;

    @TempDir
    private Path around;

    private Path inside;
    private Path outside;
    private String before;

    @BeforeEach
    void makeBoth() throws IOException {
        inside = Files.createDirectory(around.resolve("inside"));
        outside = Files.createDirectory(around.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectory(outside.resolve("empty"));
        Files.createDirectory(inside.resolve("dir"));
        Files.writeString(inside.resolve("file"), "content");
        Files.createSymbolicLink(inside.resolve("up"), Path.of("../outside"));
        Files.createSymbolicLink(inside.resolve("dir/up"), Path.of("../../outside"));
        Files.createSymbolicLink(inside.resolve("absolute"), outside);
        Files.createSymbolicLink(inside.resolve("secret"), outside.resolve("secret"));
        Files.createSymbolicLink(inside.resolve("dangling"), outside.resolve("made"));
        Files.createSymbolicLink(inside.resolve("magic"), Path.of("/proc/self/cwd"));
        before = Tree.of(outside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../outside/secret",
                "./../outside/secret",
                "dir/../../outside/secret",
                "dir/../file",
                "/etc/passwd",
                "/",
                "//etc/passwd",
                "up/secret",
                "up/empty",
                "up/new",
                "dir/up/secret",
                "absolute/secret",
                "absolute/new",
                "magic/pom.xml",
                "file\0../outside/secret",
            })
    void shouldRefuseAPathThatLeadsOut(String path) throws Exception {
        try (RawClient client = RawClient.of(inside)) {
            client.ask(Sftp.SYMLINK, "../outside/secret", "another");
            assertThat(everything(client, path)).allMatch(answer -> answer.status() != Sftp.OK, "refused");
        }
        assertThat(Tree.of(outside)).isEqualTo(before);
    }

    private static List<RawClient.Answer> everything(RawClient client, String path) throws IOException {
        return List.of(
                client.ask(Sftp.OPEN, path, Sftp.OPEN_READ, 0),
                client.ask(Sftp.OPEN, path, CREATE | Sftp.OPEN_TRUNCATE, 0),
                client.ask(Sftp.OPEN, path, CREATE | Sftp.OPEN_EXCLUSIVE, 0),
                client.ask(Sftp.OPENDIR, path),
                client.ask(Sftp.MKDIR, path, 0),
                client.ask(Sftp.RENAME, path, "taken"),
                client.ask(Sftp.RENAME, "file", path + "/x"),
                client.ask(Sftp.EXTENDED, Sftp.POSIX_RENAME, "file", path + "/x"),
                client.ask(Sftp.EXTENDED, Sftp.HARDLINK, path, "taken"),
                client.ask(Sftp.EXTENDED, Sftp.HARDLINK, "file", path + "/x"),
                client.ask(Sftp.SYMLINK, "file", path + "/x"),
                client.ask(Sftp.EXTENDED, Sftp.STATVFS, path),
                client.ask(Sftp.LSTAT, path + "/x"),
                client.ask(Sftp.STAT, path),
                client.ask(Sftp.SETSTAT, path, Sftp.HAS_PERMISSIONS, 0777),
                client.ask(Sftp.SETSTAT, path, Sftp.HAS_SIZE, 0L),
                client.ask(Sftp.REMOVE, path),
                client.ask(Sftp.RMDIR, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "dangling", "up", "absolute", "magic"})
    void shouldNotFollowALinkThatLeadsOut(String link) throws Exception {
        try (RawClient client = RawClient.of(inside)) {
            assertThat(client.ask(Sftp.OPEN, link, Sftp.OPEN_READ, 0).status()).isNotEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.OPEN, link, CREATE | Sftp.OPEN_TRUNCATE, 0)
                            .status())
                    .isNotEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.OPENDIR, link).status()).isNotEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.SETSTAT, link, Sftp.HAS_PERMISSIONS, 0777)
                            .status())
                    .isNotEqualTo(Sftp.OK);
            assertThat(client.ask(Sftp.SETSTAT, link, Sftp.HAS_SIZE, 0L).status())
                    .isNotEqualTo(Sftp.OK);
            client.ask(Sftp.SETSTAT, link, Sftp.HAS_TIMES, 1, 1);
            client.ask(Sftp.EXTENDED, Sftp.HARDLINK, link, "hard");
            assertThat(Files.isSymbolicLink(inside.resolve("hard"))).isTrue();
        }
        assertThat(Tree.of(outside)).isEqualTo(before);
    }

    /** A directory of the tree becomes a link out of it and back again, all the while. */
    @Test
    void shouldNotBeLedOutByALinkThatComesBetweenTheLookAndTheAct() throws Exception {
        Path dir = inside.resolve("dir");
        Path aside = around.resolve("aside");
        Path link = around.resolve("link");
        Files.createSymbolicLink(link, outside);
        Files.delete(dir.resolve("up"));
        Files.writeString(dir.resolve("secret"), "harmless");
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    Files.move(dir, aside);
                    Files.move(link, dir);
                    Files.move(dir, link);
                    Files.move(aside, dir);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        List<String> read = new ArrayList<>();
        try (RawClient client = RawClient.of(inside)) {
            for (int i = 0; i < ROUNDS; i++) {
                RawClient.Answer opened = client.ask(Sftp.OPEN, "dir/secret", Sftp.OPEN_READ, 0);
                if (opened.type() == Sftp.HANDLE) {
                    byte[] handle = opened.string();
                    read.add(client.ask(Sftp.READ, handle, 0L, 100).text());
                    client.ask(Sftp.CLOSE, (Object) handle);
                }
                client.ask(Sftp.MKDIR, "dir/made-" + i, 0);
                client.ask(Sftp.OPEN, "dir/file-" + i % 500, CREATE, 0);
                client.ask(Sftp.SETSTAT, "dir/secret", Sftp.HAS_PERMISSIONS, 0600 + i % 8);
                client.ask(Sftp.RMDIR, "dir/empty");
                client.ask(Sftp.SYMLINK, "x", "dir/link-" + i);
            }
        } finally {
            swapper.interrupt();
            swapper.join();
        }
        assertThat(read).isNotEmpty().containsOnly("harmless");
        assertThat(Tree.of(outside)).isEqualTo(before);
    }

    /** To open it for reading would wait for a writer for ever. */
    @Test
    void shouldNotOpenAPipe() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", inside.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        try (RawClient client = RawClient.of(inside)) {
            assertThat(client.ask(Sftp.OPEN, "pipe", Sftp.OPEN_READ, 0).status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.OPEN, "pipe", Sftp.OPEN_WRITE | Sftp.OPEN_CREATE, 0)
                            .status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.SETSTAT, "pipe", Sftp.HAS_PERMISSIONS, 0777)
                            .status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.LSTAT, "pipe").type()).isEqualTo(Sftp.ATTRIBUTES);
        }
    }

    @Test
    void shouldNotServeTheKernelsFiles() throws Exception {
        try (RawClient client = RawClient.of(Path.of("/proc/self"))) {
            assertThat(client.ask(Sftp.OPEN, "environ", Sftp.OPEN_READ, 0).status())
                    .isEqualTo(Sftp.PERMISSION_DENIED);
            assertThat(client.ask(Sftp.OPENDIR, "fd").status()).isEqualTo(Sftp.PERMISSION_DENIED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 4096, 100_000})
    void shouldRefuseNamesThatAreTooLong(int length) throws Exception {
        try (RawClient client = RawClient.of(inside)) {
            assertThat(everything(client, "x".repeat(length))).allMatch(answer -> answer.status() != Sftp.OK);
            assertThat(everything(client, "x/".repeat(length / 2))).allMatch(answer -> answer.status() != Sftp.OK);
        }
    }

    @Test
    void shouldTakeAHandleForWhatItIsOnly() throws Exception {
        try (RawClient client = RawClient.of(inside);
                RawClient other = RawClient.of(outside)) {
            byte[] foreign = other.open("secret", Sftp.OPEN_READ);
            byte[] listing = client.ask(Sftp.OPENDIR, ".").string();
            byte[] file = client.open("file", Sftp.OPEN_READ);
            assertThat(client.ask(Sftp.READ, foreign, 0L, 10).status()).isEqualTo(Sftp.INVALID_HANDLE);
            assertThat(client.ask(Sftp.READ, listing, 0L, 10).status()).isEqualTo(Sftp.INVALID_HANDLE);
            assertThat(client.ask(Sftp.READDIR, (Object) file).status()).isEqualTo(Sftp.INVALID_HANDLE);
            // Its own handle says which file it wants; the path still has to lead there, inside.
            for (String path : List.of("secret", "up/secret", "../outside/secret", "file")) {
                assertThat(client.ask(Sftp.EXTENDED, Sftp.REOPEN, foreign, path, Sftp.OPEN_READ)
                                .status())
                        .isNotEqualTo(Sftp.OK);
            }
            client.ask(Sftp.CLOSE, (Object) file);
            assertThat(client.ask(Sftp.CLOSE, (Object) file).status()).isEqualTo(Sftp.INVALID_HANDLE);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldStayInsideWhateverIsAsked(long seed) throws Exception {
        var random = new Random(seed);
        String[] names = {
            "..", ".", "", "dir", "file", "up", "absolute", "secret", "dangling", "outside", "new", "magic"
        };
        int[] types = {3, 7, 9, 11, 13, 14, 15, 16, 17, 18, 19, 20, 200};
        try (RawClient client = RawClient.of(inside)) {
            for (int i = 0; i < 2000; i++) {
                int type = types[random.nextInt(types.length)];
                String path = path(names, random);
                switch (type) {
                    case Sftp.EXTENDED -> {
                        String word = random.nextBoolean() ? Sftp.POSIX_RENAME : Sftp.HARDLINK;
                        client.ask(type, word, path, path(names, random));
                    }
                    case Sftp.RENAME, Sftp.SYMLINK -> client.ask(type, path, path(names, random));
                    case Sftp.SETSTAT ->
                        client.ask(type, path, Sftp.HAS_PERMISSIONS | Sftp.HAS_TIMES, 0700 + random.nextInt(64), 1, 1);
                    case Sftp.OPEN -> {
                        RawClient.Answer opened = client.ask(type, path, random.nextInt(64), 0);
                        if (opened.type() == Sftp.HANDLE) {
                            byte[] handle = opened.string();
                            assertThat(read(client, handle)).doesNotContain("secret");
                            client.ask(Sftp.WRITE, handle, 0L, "written");
                            client.ask(Sftp.CLOSE, (Object) handle);
                        }
                    }
                    default -> client.ask(type, path, 0);
                }
            }
        }
        assertThat(Tree.of(outside)).isEqualTo(before);
        assertThat(Files.exists(outside.resolve("made"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    private static String path(String[] names, Random random) {
        var path = new StringBuilder(random.nextInt(20) == 0 ? "/" : "");
        for (int i = random.nextInt(4); i >= 0; i--) {
            path.append(names[random.nextInt(names.length)]).append(i > 0 ? "/" : "");
        }
        return path.toString();
    }

    private static String read(RawClient client, byte[] handle) throws IOException {
        RawClient.Answer answer = client.ask(Sftp.READ, handle, 0L, 100);
        return answer.type() == Sftp.DATA ? new String(answer.string(), StandardCharsets.UTF_8) : "";
    }
}
