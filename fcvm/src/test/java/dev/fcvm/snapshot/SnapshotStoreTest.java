package dev.fcvm.snapshot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.CpuModel;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.settings.Directories;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotStoreTest {

    private static final int PIECE = 1 << 20;

    @TempDir
    Path place;

    private SnapshotStore store;
    private Path files;

    @BeforeEach
    void open() throws Exception {
        store = SnapshotStore.open(new Directories(place.resolve("data"), place.resolve("run")));
        files = Files.createDirectories(place.resolve("files"));
        Files.writeString(files.resolve("state"), "state");
        try (RandomAccessFile memory =
                new RandomAccessFile(files.resolve("memory").toFile(), "rw")) {
            memory.setLength(8L * PIECE);
            memory.seek(3L * PIECE + 5);
            memory.write("memory".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        Files.writeString(files.resolve("scratch.ext4"), "scratch");
        Files.writeString(files.resolve("rootfs.ext4"), "rootfs");
    }

    private byte[] exported() throws Exception {
        Path image = Files.writeString(files.resolve("image.ext4"), "image");
        var bytes = new ByteArrayOutputStream();
        SnapshotArchive.write(make("moment"), "{}", image, bytes);
        return bytes.toByteArray();
    }

    private Snapshot imported(byte[] bytes, String name) throws Exception {
        try (SnapshotDraft draft = store.begin()) {
            ArchiveReader reader = ArchiveReader.open(new ByteArrayInputStream(bytes));
            assertThat(reader.spec()).isEqualTo("{}");
            Path image = draft.directory().resolve("image");
            Snapshot whole = draft.take(reader, "{\"moved\":1}", name, image, _ -> false, 0);
            assertThat(image).hasContent("image");
            Files.delete(image);
            return draft.publish(whole);
        }
    }

    @Test
    void shouldTakeASnapshotAwayAndBackWithItsHolesAndWithoutWhatIsTheHosts() throws Exception {
        byte[] bytes = exported();
        assertThat(bytes.length).as("zeros take no room").isLessThan(20_000);
        Snapshot back = imported(bytes, "back");
        SnapshotCheck.check(store.find("back"));
        SnapshotCheck.read(store.find("back"));
        assertThat(back.spec()).isEqualTo("{\"moved\":1}");
        assertThat(back.directory().resolve("memory"))
                .hasSameBinaryContentAs(files.resolve("memory"))
                .satisfies(memory -> assertThat(DiskUse.allocated(memory)).isLessThan(PIECE));
        assertThat(back.rootfs()).hasContent("rootfs");
    }

    @Test
    void shouldRefuseAFileThatIsCutShortOrAlteredAndLeaveNothing() throws Exception {
        byte[] bytes = exported();
        // Behind its entries a zip file has a list of them, which nobody needs here.
        int end = new String(bytes, ISO_8859_1).indexOf("PK\u0001\u0002") - 40;
        for (int at = 0; at < end; at += end / 40) {
            byte[] shorter = Arrays.copyOf(bytes, at);
            assertThatThrownBy(() -> imported(shorter, "never"))
                    .isInstanceOf(FcvmException.class)
                    .hasMessageStartingWith("the file cannot be imported: ");
        }
        // Whatever zip makes of an altered byte, what is taken is what was written.
        for (int at = 200; at < end; at += end / 40) {
            byte[] other = bytes.clone();
            other[at] ^= 1;
            try {
                imported(other, "same" + at);
                SnapshotCheck.read(store.find("same" + at));
                assertThat(store.find("same" + at).rootfs()).hasContent("rootfs");
                store.remove("same" + at);
            } catch (FcvmException refused) {
                assertThat(refused).hasMessageStartingWith("the file cannot be imported: ");
            }
        }
        assertThat(store.names()).containsExactly("moment");
        assertThatThrownBy(() -> ArchiveReader.open(new ByteArrayInputStream("no zip file at all".getBytes(UTF_8))))
                .hasMessage("the file cannot be imported: it is no snapshot that fcvm snapshot export has written");
    }

    @Test
    void shouldRefusePiecesThatLieOutsideOfTheirFile() throws Exception {
        Path file = files.resolve("pieces");
        for (long[] piece : new long[][] {{8, 8}, {-1, 4}, {0, 1 << 17}, {0, -1}, {17, 0}, {15, 0}}) {
            var bytes = new ByteArrayOutputStream();
            var out = new DataOutputStream(bytes);
            out.writeLong(piece[0]);
            out.writeInt((int) piece[1]);
            out.write(new byte[8]);
            Files.deleteIfExists(file);
            Files.createFile(file);
            var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
            assertThatThrownBy(() -> Pieces.read(in, file, 14, _ -> {})).isInstanceOf(IOException.class);
            assertThat(Files.size(file)).isLessThanOrEqualTo(14);
        }
    }

    private Snapshot make(String name) throws Exception {
        return make(name, CpuModel.ofHost().text());
    }

    private Snapshot make(String name, String cpu) throws Exception {
        try (SnapshotDraft draft = store.begin()) {
            return draft.publish(complete(draft, name, cpu));
        }
    }

    private Snapshot complete(SnapshotDraft draft, String name, String cpu) throws Exception {
        draft.takeDisks(files.resolve("scratch.ext4"), files.resolve("rootfs.ext4"), Map.of());
        return draft.complete(
                files,
                "{}",
                new SnapshotManifest(
                        SnapshotManifest.VERSION,
                        draft.id(),
                        name,
                        "2026-11-27T00:00:00Z",
                        "0".repeat(32),
                        "web",
                        "busybox",
                        "sha256:0",
                        "firecracker",
                        "firecracker 1.12.1",
                        true,
                        cpu,
                        "6.12",
                        "base",
                        "sha256:1",
                        1,
                        512,
                        false,
                        List.of()));
    }

    private List<Path> content() throws IOException {
        try (Stream<Path> all = Files.list(place.resolve("data/snapshots"))) {
            return all.toList();
        }
    }

    @Test
    void shouldFindAgainWhatWasKeptAndFindItGood() throws Exception {
        make("warm");
        Snapshot found = store.find("warm");
        assertThat(found.manifest().machineName()).isEqualTo("web");
        SnapshotCheck.check(found);
        SnapshotCheck.read(found);
        assertThat(found.directory().resolve("memory")).hasSameBinaryContentAs(files.resolve("memory"));
        assertThat(found.allocated()).isLessThan(PIECE);
        for (String file : List.of("memory", "state", "scratch.ext4", "spec.json", "manifest.json")) {
            assertThat(Files.getPosixFilePermissions(found.directory().resolve(file)))
                    .as(file)
                    .noneMatch(permission -> permission.name().endsWith("WRITE")
                            && !permission.name().startsWith("OWNER"));
        }
        assertThat(Files.getPosixFilePermissions(found.directory())).hasSize(3);
    }

    @Test
    void shouldShowNothingOfOneThatIsNotFinished() throws Exception {
        try (SnapshotDraft draft = store.begin()) {
            complete(draft, "half", "cpu");
            assertThat(store.names()).isEmpty();
            assertThatThrownBy(() -> store.find("half")).hasMessageContaining("there is no snapshot \"half\"");
            assertThat(content()).as("it is somebody's").hasSize(1);
        }
        assertThat(content()).isEmpty();
    }

    @Test
    void shouldClearAwayWhatAKilledProcessHasLeft() throws Exception {
        Path left = Files.createDirectories(place.resolve("data/snapshots/.new-" + "1".repeat(32)));
        Files.writeString(left.resolve("memory"), "half");
        Files.createDirectories(place.resolve("data/snapshots/.gone-" + "2".repeat(32)));
        assertThat(store.names()).isEmpty();
        assertThat(content()).isEmpty();
    }

    @Test
    void shouldGiveANameOnce() throws Exception {
        make("warm");
        assertThatThrownBy(() -> make("warm")).hasMessageContaining("there is a snapshot \"warm\" already");
        assertThat(content()).hasSize(1);
        store.remove("warm");
        assertThat(content()).isEmpty();
        make("warm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".new-x", "a/b", "../a", "a b", "-a", "a\n"})
    void shouldRefuseANameThatLeadsElsewhere(String name) {
        assertThatThrownBy(() -> store.checkFree(name)).hasMessageContaining("is no name for a snapshot");
        assertThatThrownBy(() -> store.remove(name)).isInstanceOf(FcvmException.class);
        assertThatThrownBy(() -> store.find(name)).isInstanceOf(FcvmException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "state", "scratch.ext4", "spec.json", "manifest.json", "manifest.sum"})
    void shouldRefuseOneInWhichAByteWasChanged(String file) throws Exception {
        Path changed = make("warm").directory().resolve(file);
        try (RandomAccessFile opened = new RandomAccessFile(changed.toFile(), "rw")) {
            int first = opened.read();
            opened.seek(0);
            opened.write(first ^ 1);
        }
        assertThatThrownBy(() -> SnapshotCheck.check(store.find("warm")))
                .hasMessageStartingWith("the snapshot warm cannot be used: ")
                .hasMessageContaining("checksum differs");
        assertThat(store.names()).as("it can be removed").containsExactly("warm");
        store.remove("warm");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"memory", "state", "scratch.ext4", "spec.json", "manifest.json", "manifest.sum", "rootfs.ext4"})
    void shouldRefuseOneOfWhichAFileIsMissing(String file) throws Exception {
        Files.delete(make("warm").directory().resolve(file));
        assertThatThrownBy(() -> SnapshotCheck.check(store.find("warm")))
                .hasMessageStartingWith("the snapshot warm cannot be used: ");
    }

    @Test
    void shouldRefuseOneThatWasCutShort() throws Exception {
        Path memory = make("warm").directory().resolve("memory");
        try (RandomAccessFile opened = new RandomAccessFile(memory.toFile(), "rw")) {
            opened.setLength(7L * PIECE);
        }
        assertThatThrownBy(() -> SnapshotCheck.check(store.find("warm")))
                .hasMessageContaining("memory has 7340032 bytes");
    }

    @Test
    void shouldRefuseARootFileSystemThatWasWrittenTo() throws Exception {
        Snapshot made = make("warm");
        Files.writeString(made.rootfs(), "rootfX");
        Files.setLastModifiedTime(made.rootfs(), java.nio.file.attribute.FileTime.fromMillis(1));
        assertThatThrownBy(() -> SnapshotCheck.check(store.find("warm"))).hasMessageContaining("cannot be used");
    }

    @Test
    void shouldRefuseOneOfAnotherProcessor() throws Exception {
        make("warm", "Another CPU");
        assertThatThrownBy(() -> SnapshotCheck.check(store.find("warm")))
                .hasMessageStartingWith(
                        "the snapshot warm was made on another processor, Another CPU, and this host has ");
    }

    @Test
    void shouldTellZerosAndHolesApartFromNothingElse() throws Exception {
        Path zeros = Files.write(place.resolve("zeros"), new byte[3 * PIECE]);
        Path hole = place.resolve("hole");
        try (RandomAccessFile opened = new RandomAccessFile(hole.toFile(), "rw")) {
            opened.setLength(3L * PIECE);
        }
        Path longer = Files.write(place.resolve("longer"), new byte[3 * PIECE + 1]);
        byte[] one = new byte[3 * PIECE];
        one[PIECE] = 1;
        byte[] other = new byte[3 * PIECE];
        other[2 * PIECE] = 1;
        assertThat(ContentDigest.of(zeros)).isEqualTo(ContentDigest.of(hole));
        assertThat(Stream.of(
                                zeros,
                                longer,
                                Files.write(place.resolve("one"), one),
                                Files.write(place.resolve("other"), other))
                        .map(SnapshotStoreTest::digest))
                .doesNotHaveDuplicates();
    }

    private static String digest(Path file) {
        try {
            return ContentDigest.of(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
