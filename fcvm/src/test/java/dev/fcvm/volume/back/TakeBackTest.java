package dev.fcvm.volume.back;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.process.Tool;
import dev.fcvm.volume.ext4.ImageReader;
import dev.fcvm.volume.ext4.ImageWriter;
import dev.fcvm.volume.ext4.OddTree;
import dev.fcvm.volume.ext4.SourceTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes back into a directory; debugfs does to the copy what a container would. */
final class TakeBackTest {

    private static final String MACHINE = "0123456789ab";

    @TempDir
    Path place;

    private Path source;
    private Path image;
    private Path start;

    @BeforeEach
    void makeDirectory() throws Exception {
        source = Files.createDirectory(place.resolve("source"));
        image = place.resolve("image");
        start = place.resolve("start");
        for (String name : List.of("same", "mine", "yours", "both", "gone", "spared")) {
            Files.writeString(source.resolve(name), name);
        }
        Files.createDirectories(source.resolve("dir/below"));
        Files.writeString(source.resolve("dir/below/leaf"), "leaf");
    }

    private void copy() throws Exception {
        SourceTree tree = SourceTree.directory(source);
        ImageWriter.write(
                image,
                tree,
                new ImageWriter.Options(
                        64L << 20,
                        true,
                        new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                        "test",
                        id -> id,
                        id -> id));
        Start.of(tree).write(start);
    }

    private void inMachine(String... commands) throws Exception {
        Tool.Result said = Tool.named("debugfs", "e2fsprogs")
                .with("-w", "-f", "/dev/stdin", image.toString())
                .reading((String.join("\n", commands) + "\n").getBytes(StandardCharsets.UTF_8))
                .run();
        assertThat(said.succeeded()).as(said.errors()).isTrue();
    }

    private String file(String content) throws Exception {
        return Files.writeString(Files.createTempFile(place, "new", ""), content)
                .toString();
    }

    private List<String> takeBack() throws Exception {
        int own = PrivateDirectories.currentUser();
        try (ImageReader reader = ImageReader.open(image)) {
            return TakeBack.run(reader, Start.read(start), source, MACHINE, new Owners(own == 0, false), own, own)
                    .lines();
        }
    }

    @Test
    void shouldLeaveADirectoryAloneThatNobodyChanged() throws Exception {
        OddTree.make(Files.createDirectory(source.resolve("odd")));
        copy();
        var before = Files.getLastModifiedTime(source.resolve("odd"));

        assertThat(takeBack()).isEmpty();

        assertThat(Files.getLastModifiedTime(source.resolve("odd"))).isEqualTo(before);
        assertThat(Files.readString(source.resolve("same"))).isEqualTo("same");
    }

    @Test
    void shouldBringBackWhatTheMachineMadeChangedAndDeleted() throws Exception {
        copy();
        inMachine(
                "rm yours",
                "write " + file("changed") + " yours",
                "rm gone",
                "mkdir made",
                "write " + file("new") + " made/new",
                "symlink made/link /etc/shadow",
                "rm dir/below/leaf",
                "rmdir dir/below");

        assertThat(takeBack()).isEmpty();

        assertThat(Files.readString(source.resolve("yours"))).isEqualTo("changed");
        assertThat(source.resolve("gone")).doesNotExist();
        assertThat(Files.readString(source.resolve("made/new"))).isEqualTo("new");
        assertThat(Files.readSymbolicLink(source.resolve("made/link"))).hasToString("/etc/shadow");
        assertThat(source.resolve("dir")).isEmptyDirectory();
        assertThat(Files.readString(source.resolve("same"))).isEqualTo("same");
    }

    @Test
    void shouldKeepTwiceWhatBothSidesChangedAndLoseNothing() throws Exception {
        copy();
        inMachine(
                "rm both",
                "write " + file("from the machine") + " both",
                "rm spared",
                "rm yours",
                "write " + file("restored") + " yours",
                "rm dir/below/leaf",
                "rmdir dir/below",
                "rmdir dir");
        Files.writeString(source.resolve("both"), "from the host");
        Files.writeString(source.resolve("spared"), "changed here");
        Files.delete(source.resolve("yours"));
        Files.writeString(source.resolve("dir/below/more"), "made here");

        List<String> told = takeBack();

        assertThat(Files.readString(source.resolve("both"))).isEqualTo("from the host");
        assertThat(Files.readString(source.resolve("both.fcvm-" + MACHINE))).isEqualTo("from the machine");
        assertThat(Files.readString(source.resolve("spared"))).isEqualTo("changed here");
        assertThat(Files.readString(source.resolve("yours"))).isEqualTo("restored");
        assertThat(source.resolve("dir/below/leaf")).doesNotExist();
        assertThat(Files.readString(source.resolve("dir/below/more"))).isEqualTo("made here");
        assertThat(told)
                .hasSize(4)
                .anyMatch(line -> line.contains("both.fcvm-" + MACHINE))
                .anyMatch(line -> line.contains("spared"))
                .anyMatch(line -> line.contains("yours"))
                .anyMatch(line -> line.contains("more"));
    }

    @Test
    void shouldDoNothingMoreTheSecondTime() throws Exception {
        copy();
        inMachine("rm both", "write " + file("from the machine") + " both");
        Files.writeString(source.resolve("both"), "from the host");
        takeBack();
        inMachine("rm gone");

        takeBack();

        assertThat(source.resolve("gone")).doesNotExist();
        assertThat(Files.readString(source.resolve("both"))).isEqualTo("from the host");
    }

    @Test
    void shouldGoOnAfterARunThatWasKilledAndKeepNothingTwice() throws Exception {
        copy();
        inMachine(
                "rm yours",
                "write " + file("changed") + " yours",
                "rm both",
                "write " + file("from the machine") + " both",
                "mkdir made",
                "write " + file("new") + " made/new",
                "symlink made/link new");
        Files.writeString(source.resolve("both"), "from the host");
        List<String> first = takeBack();
        Files.writeString(source.resolve(".fcvm-" + MACHINE + "-0"), "half a fi");
        Files.delete(source.resolve("made/new"));
        Files.writeString(source.resolve("made/.fcvm-" + MACHINE + "-01234567-8"), "ne");

        List<String> second = takeBack();

        assertThat(second).isEqualTo(first).hasSize(1);
        try (var names = Files.list(source)) {
            assertThat(names.map(name -> name.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "same", "mine", "yours", "both", "both.fcvm-" + MACHINE, "gone", "spared", "dir", "made");
        }
        assertThat(source.resolve("made")).isDirectoryContaining("glob:**/new").isDirectoryContaining("glob:**/link");
        assertThat(Files.readString(source.resolve("made/new"))).isEqualTo("new");
    }

    /** Brings back what there is, of a machine that goes on. */
    private List<String> sync() throws Exception {
        List<String> told = takeBack();
        try (ImageReader reader = ImageReader.open(image)) {
            TakeBack.next(reader, Start.read(start), source).write(start);
        }
        return told;
    }

    @Test
    void shouldCompareWithTheLastTimeWhenAMachineGoesOn() throws Exception {
        copy();
        inMachine(
                "rm yours",
                "write " + file("first") + " yours",
                "rm both",
                "write " + file("from the machine") + " both",
                "rm gone",
                "mkdir made",
                "write " + file("new") + " made/new");
        Files.writeString(source.resolve("both"), "from the host");
        Files.writeString(source.resolve("mine"), "mine, changed");
        assertThat(sync()).hasSize(1);
        assertThat(sync()).hasSize(1);
        // What came back is changed again, now on one side and now on the other.
        inMachine(
                "rm yours",
                "write " + file("second") + " yours",
                "rm made/new",
                "write " + file("newer") + " made/more");
        Files.writeString(source.resolve("mine"), "mine, changed again");

        assertThat(sync()).singleElement().asString().contains("both");

        assertThat(Files.readString(source.resolve("yours"))).isEqualTo("second");
        assertThat(Files.readString(source.resolve("mine"))).isEqualTo("mine, changed again");
        assertThat(Files.readString(source.resolve("both"))).isEqualTo("from the host");
        assertThat(source.resolve("made"))
                .isDirectoryContaining("glob:**/more")
                .isDirectoryNotContaining("glob:**/new");
        Files.writeString(source.resolve("yours"), "changed here");
        assertThat(sync()).singleElement().asString().contains("both");
        assertThat(Files.readString(source.resolve("yours"))).isEqualTo("changed here");
        inMachine("rm yours", "write " + file("third") + " yours");
        assertThat(sync()).hasSize(2).anyMatch(line -> line.contains("yours.fcvm-"));
        try (var names = Files.list(source)) {
            assertThat(names.filter(name -> name.toString().contains(".fcvm-"))).hasSize(2);
        }
    }

    @Test
    void shouldBringBackManyFilesAtOnceWithTheirLinksTimesAndDirectories() throws Exception {
        copy();
        List<String> commands = new ArrayList<>(List.of("mkdir many", "mkdir many/below"));
        for (int number = 0; number < 300; number++) {
            commands.add("write " + file("file " + number) + " many/" + (number % 2 == 0 ? "" : "below/") + number);
        }
        commands.addAll(List.of(
                "link many/298 many/link",
                "set_inode_field many/298 links_count 2",
                "set_inode_field many mtime 20200101000000"));
        inMachine(commands.toArray(String[]::new));

        assertThat(takeBack()).isEmpty();

        for (int number = 0; number < 300; number++) {
            Path back = source.resolve("many/" + (number % 2 == 0 ? "" : "below/") + number);
            assertThat(Files.readString(back)).isEqualTo("file " + number);
        }
        assertThat(Files.isSameFile(source.resolve("many/298"), source.resolve("many/link")))
                .isTrue();
        assertThat(Files.getLastModifiedTime(source.resolve("many")).toInstant())
                .isEqualTo(Instant.parse("2020-01-01T00:00:00Z"));
        try (var names = Files.walk(source)) {
            assertThat(names.filter(name -> name.toString().contains(".fcvm-"))).isEmpty();
        }
    }

    @Test
    void shouldNotFollowALinkThatTheHostHasPutInADirectorysPlace() throws Exception {
        copy();
        inMachine("write " + file("escaped") + " dir/escaped");
        Path outside = Files.createDirectory(place.resolve("outside"));
        Files.delete(source.resolve("dir/below/leaf"));
        Files.delete(source.resolve("dir/below"));
        Files.delete(source.resolve("dir"));
        Files.createSymbolicLink(source.resolve("dir"), outside);

        takeBack();

        assertThat(outside).isEmptyDirectory();
        assertThat(Files.readString(source.resolve("dir.fcvm-" + MACHINE + "/escaped")))
                .isEqualTo("escaped");
    }

    @Test
    void shouldNotBringADeviceOrAPrivilegeOutOfAMachine() throws Exception {
        copy();
        inMachine(
                "mknod device c 1 3",
                "rm yours",
                "write " + file("#!/bin/sh") + " yours",
                "set_inode_field yours mode 0104755");

        List<String> told = takeBack();

        assertThat(source.resolve("device")).doesNotExist();
        try (OpenDirectory directory = OpenDirectory.open(source)) {
            assertThat(directory.status("yours").mode()).isEqualTo(0755);
        }
        assertThat(told).hasSize(2);
    }
}
