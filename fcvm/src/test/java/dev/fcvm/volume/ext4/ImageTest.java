package dev.fcvm.volume.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.ExtentTree;
import dev.fcvm.host.ext4.InodeRecord;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.nodes.OpenFile;
import dev.fcvm.host.process.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of directories. */
final class ImageTest {

    private static final byte[] UUID = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
    private static final ByteBuffer PIECE = ByteBuffer.allocateDirect(1 << 16);

    @TempDir
    static Path place;

    private static Path source;

    @BeforeAll
    static void makeTree() throws Exception {
        source = Files.createDirectory(place.resolve("source"));
        OddTree.make(source);
    }

    private static Path image(String name, boolean writable, long size) throws IOException {
        Path image = place.resolve(name);
        ImageWriter.write(
                image,
                SourceTree.directory(source),
                new ImageWriter.Options(size, writable, UUID, "test", id -> id, id -> id));
        return image;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHoldAllThereIsInADirectoryAndPassTheFileSystemsOwnCheck(boolean writable) throws Exception {
        Path image = image("whole-" + writable, writable, writable ? 1L << 30 : 0);

        Tool.Result check =
                Tool.named("e2fsck", "e2fsprogs").with("-fn", image.toString()).run();
        assertThat(check.exitCode()).as(check.output() + check.errors()).isZero();
        try (ImageReader reader = ImageReader.open(image);
                OpenDirectory directory = OpenDirectory.open(source)) {
            compare(reader, reader.root(), directory);
        }
    }

    private static void compare(ImageReader reader, ImageNode node, OpenDirectory directory) throws IOException {
        Map<String, Integer> names = reader.names(node);
        assertThat(names.keySet()).containsExactlyInAnyOrderElementsOf(directory.names());
        for (Map.Entry<String, Integer> entry : names.entrySet()) {
            String name = entry.getKey();
            ImageNode copy = reader.node(entry.getValue());
            FileStatus there = directory.status(name);
            assertThat(List.of(copy.kind(), copy.mode(), copy.uid(), copy.gid(), copy.modified(), copy.changed()))
                    .as(name)
                    .isEqualTo(List.of(
                            there.kind(), there.mode(), there.uid(), there.gid(), there.modified(), there.changed()));
            assertThat(shown(reader.attributes(copy))).as(name).isEqualTo(shown(directory.attributes(name)));
            switch (copy.kind()) {
                case FILE -> {
                    assertThat(List.of(copy.size(), (long) copy.links()))
                            .as(name)
                            .isEqualTo(List.of(there.size(), there.links()));
                    compareContent(reader, copy, directory, name);
                }
                case LINK -> assertThat(reader.target(copy)).isEqualTo(directory.target(name));
                case DIRECTORY -> {
                    try (OpenDirectory below = directory.directory(name)) {
                        compare(reader, copy, below);
                    }
                }
                default -> assertThat(copy.kind()).isEqualTo(NodeKind.PIPE);
            }
        }
    }

    private static Map<String, String> shown(Map<String, byte[]> attributes) {
        Map<String, String> shown = new TreeMap<>();
        attributes.forEach((name, value) -> shown.put(name, HexFormat.of().formatHex(value)));
        return shown;
    }

    private static void compareContent(ImageReader reader, ImageNode copy, OpenDirectory directory, String name)
            throws IOException {
        try (OpenFile file = directory.file(name)) {
            long[] data = {0};
            reader.content(copy, PIECE, (bytes, at) -> {
                ByteBuffer there = ByteBuffer.allocateDirect(bytes.remaining());
                file.read(there, at);
                data[0] += bytes.remaining();
                assertThat(there.flip()).as(name + " at " + at).isEqualTo(bytes);
            });
            // A hole takes no room in the image.
            assertThat(data[0])
                    .as(name)
                    .isLessThanOrEqualTo(directory.status(name).allocated() + 4096);
        }
    }

    @Test
    void shouldTakeNoMoreOfTheHostsDiskThanItsContent() throws Exception {
        Path image = image("sparse", true, 20L << 30);

        assertThat(Files.size(image)).isGreaterThanOrEqualTo(20L << 30);
        try (OpenDirectory directory = OpenDirectory.open(place)) {
            assertThat(directory.status("sparse").allocated()).isLessThan(64L << 20);
        }
    }

    @Test
    void shouldRefuseMoreThanTheSizeHasRoomFor() {
        assertThatThrownBy(() -> image("small", true, 8L << 20)).isInstanceOf(TooLargeException.class);
    }

    @Test
    void shouldNameAFileThatChangesWhileItIsCopied() throws Exception {
        Path changing = Files.createDirectory(place.resolve("changing"));
        Files.writeString(changing.resolve("file"), "then");
        SourceTree tree = SourceTree.directory(changing);
        Files.writeString(changing.resolve("file"), "after that");
        var options = new ImageWriter.Options(0, false, UUID, "test", id -> id, id -> id);

        assertThatThrownBy(() -> ImageWriter.write(place.resolve("changed"), tree, options))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining(changing.resolve("file") + "")
                .hasMessageContaining("changed while it was read");
    }

    /** Whatever a guest does to its disk, it is an error of reading or a tree of that size. */
    @Test
    void shouldSurviveADamagedImage() throws Exception {
        Path small = Files.createDirectory(place.resolve("small-source"));
        Files.writeString(small.resolve("a"), "a");
        Files.createDirectory(small.resolve("b"));
        Files.writeString(small.resolve("b/c"), "c".repeat(100_000));
        Path image = place.resolve("damaged");
        ImageWriter.write(
                image,
                SourceTree.directory(small),
                new ImageWriter.Options(0, false, UUID, "test", id -> id, id -> id));
        byte[] whole = Files.readAllBytes(image);
        var random = new Random(42);
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            byte[] bad = whole.clone();
            for (int i = 0; i < 40; i++) {
                // Where the tables are: what follows is content.
                bad[1024 + random.nextInt(80_000)] = (byte) random.nextInt(256);
            }
            try (FileChannel out = FileChannel.open(image, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap(bad), 0);
            }
            try (ImageReader reader = ImageReader.open(image)) {
                walk(reader, reader.root(), new ArrayList<>());
            } catch (IOException told) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(10);
    }

    /** Five blocks of a map, each of which leads 340 times to the next: to follow them all would take for ever. */
    @Test
    void shouldGiveUpOnAMapOfBlocksThatLeadsToTheSameOnesAgainAndAgain() throws Exception {
        Path image = place.resolve("bomb");
        Path source = Files.createDirectory(place.resolve("bomb-source"));
        Files.writeString(source.resolve("file"), "c".repeat(10 * 4096));
        ImageWriter.write(
                image,
                SourceTree.directory(source),
                new ImageWriter.Options(0, false, UUID, "test", id -> id, id -> id));
        long first;
        byte[] inode = new byte[Ext4.INODE];
        try (ImageReader reader = ImageReader.open(image)) {
            ImageNode file = reader.node(
                    Objects.requireNonNull(reader.names(reader.root()).get("file")));
            first = reader.extents(file).getFirst().physical();
            file.raw().get(0, inode);
        }
        byte[] whole = Files.readAllBytes(image);
        int at = new String(whole, StandardCharsets.ISO_8859_1).indexOf(new String(inode, StandardCharsets.ISO_8859_1));
        ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        map(bytes, at + InodeRecord.MAP, 4, 5, first);
        for (int depth = 4; depth >= 0; depth--) {
            map(bytes, (int) (first + 4 - depth) * 4096, 340, depth, first + 5 - depth);
        }
        Files.write(image, whole);

        try (ImageReader reader = ImageReader.open(image)) {
            ImageNode file = reader.node(
                    Objects.requireNonNull(reader.names(reader.root()).get("file")));
            assertThatThrownBy(() -> reader.extents(file)).hasMessageContaining("larger than it is");
        }
    }

    /** A node of a map: runs that were never written (depth 0), or the same block below. */
    private static void map(ByteBuffer into, int at, int count, int depth, long block) {
        into.putShort(at, (short) ExtentTree.MAGIC)
                .putShort(at + 2, (short) count)
                .putShort(at + 4, (short) count)
                .putShort(at + 6, (short) depth);
        for (int entry = at + ExtentTree.ENTRY; entry < at + ExtentTree.ENTRY + count * ExtentTree.ENTRY; entry += 12) {
            if (depth == 0) {
                into.putInt(entry, 0).putShort(entry + 4, (short) 0xffff).putLong(entry + 6, 0);
            } else {
                into.putInt(entry, 0).putInt(entry + 4, (int) block).putInt(entry + 8, 0);
            }
        }
    }

    @Test
    void shouldGiveUpOnADirectoryWhoseNamesWouldFillTheMemory() throws Exception {
        Path image = place.resolve("crowd");
        Path source = Files.createDirectory(place.resolve("crowd-source"));
        Files.writeString(source.resolve("a".repeat(200)), "");
        Files.writeString(source.resolve("b".repeat(200)), "");
        ImageWriter.write(
                image,
                SourceTree.directory(source),
                new ImageWriter.Options(0, false, UUID, "test", id -> id, id -> id));

        try (ImageReader few = ImageReader.open(image, 700);
                ImageReader many = ImageReader.open(image, 2000)) {
            assertThatThrownBy(() -> few.names(few.root())).hasMessageContaining("more names");
            assertThat(many.names(many.root())).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    private static void walk(ImageReader reader, ImageNode directory, List<Integer> above) throws IOException {
        if (above.contains(directory.inode())) {
            throw new IOException("in itself");
        }
        above.add(directory.inode());
        for (int inode : reader.names(directory).values()) {
            ImageNode node = reader.node(inode);
            reader.attributes(node);
            switch (node.kind()) {
                case DIRECTORY -> walk(reader, node, above);
                case FILE ->
                    reader.content(node, PIECE, (bytes, at) -> assertThat(at).isNotNegative());
                case LINK -> reader.target(node);
                default -> assertThat(node.size()).isNotNegative();
            }
        }
        above.removeLast();
    }
}
