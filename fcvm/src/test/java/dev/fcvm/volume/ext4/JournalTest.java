package dev.fcvm.volume.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.process.Tool;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine that was killed left in a journal; debugfs writes it there. */
final class JournalTest {

    private static final int BLOCK = 4096;

    @TempDir
    Path place;

    private Path image;

    @BeforeEach
    void makeImageWithAJournalToBePlayedBack() throws Exception {
        Path source = Files.createDirectory(place.resolve("source"));
        Files.writeString(source.resolve("first"), "a".repeat(BLOCK));
        Files.writeString(source.resolve("second"), "b".repeat(BLOCK));
        image = place.resolve("image");
        ImageWriter.write(
                image,
                SourceTree.directory(source),
                new ImageWriter.Options(64L << 20, true, new byte[16], "test", id -> id, id -> id));
        // Looks like a part of the journal itself, which has to be hidden there.
        ByteBuffer escaped = ByteBuffer.allocate(BLOCK).putInt(Journal.MAGIC);
        Path one = Files.write(place.resolve("one"), "Q".repeat(BLOCK).getBytes(StandardCharsets.UTF_8));
        Path two = Files.write(place.resolve("two"), escaped.array());
        debugfs("jo\njw -b " + block("first") + " " + one + "\njw -b " + block("second") + " " + two + "\njc\n");
    }

    private String block(String file) throws Exception {
        return Tool.named("debugfs", "e2fsprogs")
                .with("-R", "blocks /" + file, image.toString())
                .run()
                .output()
                .strip();
    }

    private void debugfs(String commands) throws Exception {
        Tool.Result said = Tool.named("debugfs", "e2fsprogs")
                .with("-w", "-f", "/dev/stdin", image.toString())
                .reading(commands.getBytes(StandardCharsets.UTF_8))
                .run();
        assertThat(said.succeeded()).as(said.errors()).isTrue();
    }

    private static byte[] content(ImageReader reader, String name) throws Exception {
        ByteBuffer whole = ByteBuffer.allocate(BLOCK);
        int inode = Objects.requireNonNull(reader.names(reader.root()).get(name), name);
        reader.content(reader.node(inode), ByteBuffer.allocateDirect(1000), (bytes, at) -> whole.put(bytes));
        return whole.array();
    }

    @Test
    void shouldGiveUpOnAJournalThatTakesBackMoreThanThereEverWas() throws Exception {
        long journal;
        try (ImageReader reader = ImageReader.open(image)) {
            journal = reader.journal();
        }
        try (FileChannel whole = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.allocate(BLOCK);
            whole.read(head, journal * BLOCK);
            ByteBuffer revoking = ByteBuffer.allocate(BLOCK)
                    .putInt(Journal.MAGIC)
                    .putInt(Journal.REVOCATION)
                    .putInt(head.getInt(24))
                    .putInt(BLOCK);
            for (int at = 1; at < head.getInt(16); at++) {
                whole.write(revoking.clear(), (journal + at) * BLOCK);
            }
        }

        assertThatThrownBy(() -> ImageReader.open(image)).hasMessageContaining("its journal is damaged");
    }

    @Test
    void shouldReadWhatHadBeenPromised() throws Exception {
        try (ImageReader reader = ImageReader.open(image)) {
            assertThat(new String(content(reader, "first"), StandardCharsets.UTF_8))
                    .isEqualTo("Q".repeat(BLOCK));
            assertThat(content(reader, "second"))
                    .isEqualTo(ByteBuffer.allocate(BLOCK).putInt(Journal.MAGIC).array());
        }
    }

    @Test
    void shouldPutItInItsPlaceOnceAndForAll() throws Exception {
        JournalFlush.run(image);
        JournalFlush.run(image);

        Tool.Result check =
                Tool.named("e2fsck", "e2fsprogs").with("-fn", image.toString()).run();
        assertThat(check.exitCode()).as(check.output() + check.errors()).isZero();
        try (ImageReader reader = ImageReader.open(image)) {
            assertThat(reader.wasReplayed()).isFalse();
            assertThat(new String(content(reader, "first"), StandardCharsets.UTF_8))
                    .isEqualTo("Q".repeat(BLOCK));
        }
        assertThat(Tool.named("debugfs", "e2fsprogs")
                        .with("-R", "cat /second", image.toString())
                        .run()
                        .output())
                .startsWith("\ufffd;9\ufffd");
    }
}
