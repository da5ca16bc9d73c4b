package dev.fcvm.host.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.ext4.DiskFullException;
import dev.fcvm.host.process.Tool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real tree, a real tar, and e2fsprogs as the judge of what came out. */
class TreeDiskTest {

    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final PaxRecords.Time EPOCH = new PaxRecords.Time(0, 0);
    private static final DiskShape SMALL = new DiskShape(256L << 20, 10_000, ID, "test");

    @TempDir
    Path directory;

    private Path tree;
    private Path disk;

    @BeforeEach
    void prepare() throws IOException {
        tree = Files.createDirectory(directory.resolve("tree"));
        disk = directory.resolve("disk");
    }

    private void write(DiskShape shape, Additions additions) throws Exception {
        Tool.Result result = TreeDisk.archiver(tree).run(output -> TreeDisk.write(disk, shape, output, additions));
        assertThat(result.succeeded()).as(result.errors()).isTrue();
        Tool.Result check = Tool.named("e2fsck", "e2fsprogs")
                .with("-f", "-n", disk.toString())
                .run();
        assertThat(check.exitCode()).as(check.output()).isZero();
        assertThat(check.output()).doesNotContain("?");
    }

    private String debugfs(String request) throws Exception {
        return Tool.named("debugfs", "e2fsprogs")
                .with("-R", request, disk.toString())
                .run()
                .output();
    }

    private void shell(String script) throws Exception {
        Tool.Result result = Tool.named("sh", "dash")
                .with("-e", "-c", "cd \"$0\"; " + script, tree.toString())
                .run();
        assertThat(result.succeeded()).as(result.errors()).isTrue();
    }

    @Test
    void shouldHoldFilesAsTheyAre() throws Exception {
        byte[] large = new byte[3 << 20];
        for (int at = 0; at < large.length; at++) {
            large[at] = (byte) (at * 31 + at / 4096);
        }
        Files.write(tree.resolve("large"), large);
        Files.writeString(tree.resolve("small"), "hello\n");
        Files.createFile(tree.resolve("empty"));
        shell("ln small other; ln -s small short; ln -s \"$(printf %0200d 7)\" long; mkfifo pipe; chmod 6751 small;"
                + " mkdir -p d/e; chmod 1777 d; printf x >\"$(printf 'd/\\377\\n\"')\"");

        write(SMALL, Additions.NONE);

        Path copy = Files.createDirectory(directory.resolve("copy"));
        debugfs("rdump / " + copy);
        assertThat(copy.resolve("large")).hasBinaryContent(large);
        assertThat(copy.resolve("small")).hasContent("hello\n");
        assertThat(Files.readSymbolicLink(copy.resolve("long")).toString()).isEqualTo("0".repeat(199) + "7");
        assertThat(Files.readSymbolicLink(copy.resolve("short"))).hasToString("small");
        assertThat(debugfs("stat /small")).contains("Mode:  06751", "Links: 2", "Size: 6");
        assertThat(debugfs("stat /other")).contains("Links: 2");
        assertThat(debugfs("stat /pipe")).contains("Type: FIFO");
        assertThat(debugfs("stat /d")).contains("Mode:  01777", "Links: 3");
        assertThat(debugfs("ls -p /d")).contains("\ufffd\n\"");
    }

    @Test
    void shouldKeepTimesThat32BitsDoNotHold() throws Exception {
        Map<String, String> times = Map.of(
                "a", "1902-01-01T00:00:00.5Z",
                "b", "1969-12-31T23:59:59.123456789Z",
                "c", "2040-02-03T04:05:06.000000007Z",
                "d", "2150-01-01T00:00:00Z",
                "e", "2440-01-01T00:00:00.999999999Z");
        for (var time : times.entrySet()) {
            // Java's own call takes no time beyond 2262.
            shell("touch -d %s %s".formatted(time.getValue(), time.getKey()));
        }

        write(SMALL, Additions.NONE);

        for (var time : times.entrySet()) {
            Instant wanted = Instant.parse(time.getValue());
            long low = wanted.getEpochSecond() & 0xffff_ffffL;
            long extra = (((wanted.getEpochSecond() - (int) wanted.getEpochSecond()) >> 32) & 3)
                    | ((long) wanted.getNano() << 2);
            assertThat(debugfs("stat /" + time.getKey()))
                    .as(time.getValue())
                    .contains("mtime: 0x%08x:%08x".formatted(low, extra));
        }
    }

    @Test
    void shouldFindEachOfManyNames() throws Exception {
        Files.createDirectory(tree.resolve("many"));
        String name = "long".repeat(50);
        shell("cd many; seq -f '" + name + "%05.0f' 12000 | xargs touch");

        write(new DiskShape(256L << 20, 15_000, ID, "test"), Additions.NONE);

        assertThat(debugfs("htree_dump /many")).contains("Hash Version: 2", "Indirect levels: 1");
        assertThat(debugfs("stat /many/" + name + "11999")).contains("Type: regular");
    }

    @Test
    void shouldKeepHoles() throws Exception {
        holes("large", 5L << 30, 8191, 3_000_000_001L);
        holes(
                "many",
                6 << 20,
                LongStream.range(0, 700).map(number -> number * 8192).toArray());
        Files.write(tree.resolve("zeros"), new byte[8 << 20]);

        write(SMALL, Additions.NONE);

        assertThat(debugfs("stat /large")).contains("Size: 5368709120", "Blockcount: 24");
        assertThat(debugfs("stat /zeros")).contains("Size: 8388608", "Blockcount: 0");
        Path copy = directory.resolve("copy");
        debugfs("dump /many " + copy);
        assertThat(Files.mismatch(copy, tree.resolve("many"))).isEqualTo(-1);
    }

    private void holes(String name, long size, long... bytesAt) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(tree.resolve(name).toFile(), "rw")) {
            file.setLength(size);
            for (long position : bytesAt) {
                file.seek(position);
                file.write(new byte[] {7, 8});
            }
        }
    }

    @Test
    void shouldKeepAttributesAndGiveThoseThatAreAdded() throws Exception {
        Files.createFile(tree.resolve("f"));
        Files.createDirectory(tree.resolve("d"));
        String large = "v".repeat(3000);
        shell("setfattr -n user.one -v 1 f; setfattr -n user.large -v " + large + " f; setfattr -n user.overlay.opaque"
                + " -v y d; setfattr -n 'user.a=b%c' d");

        write(
                SMALL,
                new Additions(
                        Map.of(),
                        all -> all.containsKey("user.overlay.opaque")
                                ? Map.of(
                                        "user.overlay.opaque",
                                        new byte[] {'y'},
                                        "trusted.overlay.opaque",
                                        new byte[] {'y'},
                                        "user.a=b%c",
                                        new byte[0])
                                : all));

        assertThat(debugfs("ea_list /f")).contains("user.one (1) = \"1\"", "user.large (3000)");
        assertThat(debugfs("ea_list /d"))
                .contains("user.overlay.opaque (1)", "trusted.overlay.opaque (1)", "user.a=b%c (0)");
    }

    @Test
    void shouldAddDeviceNodesWhereNothingElseIs() throws Exception {
        Files.createDirectory(tree.resolve("dev"));
        Files.writeString(tree.resolve("dev/there"), "a file");
        DeviceNode node = new DeviceNode("null", false, 0666, 1, 2, EPOCH, 1, 3);
        DeviceNode large = new DeviceNode("large", true, 0600, 0, 0, EPOCH, 259, 70_000);
        DeviceNode there = new DeviceNode("there", false, 0600, 0, 0, EPOCH, 1, 3);

        write(SMALL, new Additions(Map.of("dev", List.of(node, large, there)), all -> all));

        assertThat(debugfs("stat /dev/null"))
                .contains("Type: character special", "Mode:  0666", "User:     1", "Group:     2", "01:03");
        assertThat(debugfs("stat /dev/large")).contains("Type: block special", "259:70000");
        assertThat(debugfs("stat /dev/there")).contains("Type: regular");
    }

    @Test
    void shouldRefuseWhatDoesNotFit() throws Exception {
        shell("head -c 100000000 /dev/urandom >f");
        DiskShape tiny = new DiskShape(32L << 20, 100, ID, "test");

        assertThatThrownBy(
                        () -> TreeDisk.archiver(tree).run(output -> TreeDisk.write(disk, tiny, output, Additions.NONE)))
                .isInstanceOf(DiskFullException.class);
    }

    @Test
    void shouldRefuseMoreFilesThanTheShapeHas() throws Exception {
        shell("mkdir d; touch d/1 d/2 d/3");

        DiskShape four = new DiskShape(32L << 20, 4, ID, "test");
        write(four, Additions.NONE);
        Files.delete(disk);
        shell("touch d/4");

        assertThatThrownBy(
                        () -> TreeDisk.archiver(tree).run(output -> TreeDisk.write(disk, four, output, Additions.NONE)))
                .isInstanceOfSatisfying(
                        DiskFullException.class,
                        full -> assertThat(full.isOfFiles()).isTrue());
    }

    /** More files than tar remembers before it removes any, and names of one file on both sides of that. */
    @Test
    void shouldKeepHardLinksOfATreeThatIsRemovedMeanwhile() throws Exception {
        shell("mkdir many closed; seq -w 500 | sed 's,^,many/,' | xargs touch; printf content >many/first;"
                + " ln many/first closed/second; ln many/first third; ln -s nowhere link; chmod 0 closed many/first");

        Tool.Result result = TreeDisk.consumer(tree).run(output -> TreeDisk.write(disk, SMALL, output, Additions.NONE));

        assertThat(result.succeeded()).as(result.errors()).isTrue();
        assertThat(tree).doesNotExist();
        assertThat(debugfs("stat /third")).contains("Links: 3", "Size: 7");
        assertThat(debugfs("cat /closed/second")).isEqualTo("content");
        assertThat(debugfs("stat /many/500")).contains("Type: regular");
    }

    @Test
    void shouldTellThatAnArchiveIsCutOff() {
        assertThatThrownBy(() -> TreeDisk.write(disk, SMALL, new ByteArrayInputStream(new byte[100]), Additions.NONE))
                .hasMessageContaining("cut off");
    }
}
