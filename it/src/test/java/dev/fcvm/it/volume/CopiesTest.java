package dev.fcvm.it.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Directories that are copied into a machine and back, and volumes that outlive it. */
@MachineTest
class CopiesTest {

    /** All of a tree, an entry a line, as a shell on either side sees it. */
    private static final String LIST =
            "cd $DIR && find . | LC_ALL=C sort | while read -r f; do stat -c '%n %f %u:%g %Y' \"$f\";"
                    + " [ ! -f \"$f\" ] || stat -c '%h %s' \"$f\"; done | LC_ALL=C grep -v '^\\. '; md5sum <plain";

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }

    private static Path tree(Place place, String name) throws IOException {
        Path tree = place.directory(name);
        Child.of("sh", "-c", """
                cd "$0"
                echo hello >plain; ln plain hard; ln -s plain link; mkfifo pipe; mkdir -p sub/below; : >empty
                echo x >"$(printf 'b\\377d')"; echo y >-dash; chmod 751 empty; chmod 1777 sub
                truncate -s 3G sparse; echo end >>sparse; setfattr -n user.a -v b plain
                touch -d @1234567890.123456789 sub/below; echo gone >gone; echo both >both
                """, tree.toString()).run().expect(0);
        return tree;
    }

    private static List<String> list(Path tree) {
        return Child.of("sh", "-c", "DIR='" + tree + "'; " + LIST)
                .run()
                .expect(0)
                .out()
                .lines()
                .toList();
    }

    @Test
    void shouldShowAContainerWhatThereIsAndBringBackWhatItMakesOfIt(Fcvm fcvm, Archives archives) throws Exception {
        Path tree = tree(fcvm.place(), "tree");
        List<String> before = list(tree);

        Outcome run = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--map",
                tree + ":/data,size=4g",
                "--map",
                tree + ":/fixed:ro",
                "--map",
                tree.resolve("plain") + ":/one:ro",
                image(archives),
                "sh",
                "-c",
                "DIR=/data; " + LIST + "; echo ---; cat /one;"
                        + " touch /fixed/x 2>/dev/null || echo fixed; cd /data; rm gone; echo made >made;"
                        + " echo more >>plain; mkdir new; echo in >new/in; chmod 700 sub/below; mv empty moved;"
                        + " echo theirs >both");

        run.expect(0);
        List<String> shown = new ArrayList<>(run.out().lines().toList());
        assertThat(shown.subList(shown.indexOf("---"), shown.size())).containsExactly("---", "hello", "fixed");
        assertThat(shown.subList(0, shown.indexOf("---"))).isEqualTo(before);
        assertThat(tree.resolve("gone")).doesNotExist();
        assertThat(tree.resolve("empty")).doesNotExist();
        assertThat(Files.readString(tree.resolve("made"))).isEqualTo("made\n");
        assertThat(Files.readString(tree.resolve("hard"))).isEqualTo("hello\nmore\n");
        assertThat(Files.getAttribute(tree.resolve("hard"), "unix:ino"))
                .isEqualTo(Files.getAttribute(tree.resolve("plain"), "unix:ino"));
        assertThat(Files.readString(tree.resolve("new/in"))).isEqualTo("in\n");
        assertThat(Files.readString(tree.resolve("both"))).isEqualTo("theirs\n");
        assertThat(Child.of("stat", "-c", "%a %Y", tree.resolve("sub/below").toString())
                        .run()
                        .expect(0)
                        .out())
                .isEqualTo("700 1234567890\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void shouldBringBackWholeFilesOnlyOfAMachineThatIsKilledWhileItWrites(Fcvm fcvm, Archives archives)
            throws Exception {
        Path tree = fcvm.place().directory("written");
        Files.writeString(tree.resolve("old"), "old\n");
        try (Child killed = fcvm.call(
                        "run",
                        "--quiet",
                        "--rm",
                        "--name",
                        "killed",
                        "--map",
                        tree + ":/data",
                        image(archives),
                        "sh",
                        "-c",
                        "echo done >/data/done; sync; echo ready; while :; do echo line >>/data/growing; done")
                .start()) {
            killed.awaitOut("ready\n");
            killed.signal("KILL");
            killed.closed();
        }
        Files.writeString(tree.resolve("old"), "changed here\n");
        fcvm.killMachines();

        fcvm.run("rm", "-f", "killed").expect(0);

        assertThat(Files.readString(tree.resolve("done"))).isEqualTo("done\n");
        assertThat(Files.readString(tree.resolve("old"))).isEqualTo("changed here\n");
        try (var left = Files.list(tree)) {
            assertThat(left.map(file -> file.getFileName().toString())).isSubsetOf("done", "old", "growing");
        }
    }

    @Test
    void shouldKeepWhatAMachineChangedWhenItsDirectoryIsGoneAndItIsRemovedByForce(Fcvm fcvm, Archives archives)
            throws Exception {
        Path tree = fcvm.place().directory("gone");
        try (Child machine = fcvm.call(
                        "run",
                        "--quiet",
                        "--name",
                        "lonely",
                        "--map",
                        tree + ":/data",
                        image(archives),
                        "sh",
                        "-c",
                        "echo precious >/data/made; exec /bin/signals TERM")
                .start()) {
            machine.awaitOut("ready\n");
            Files.delete(tree);
            machine.signal("TERM");
            assertThat(machine.outcome().expect(40).err()).contains("the copy is kept in", "fcvm rm -f ");
        }
        Complaint.alone(fcvm.run("rm", "lonely"), "no such file or directory");

        Outcome removed = fcvm.run("rm", "-f", "lonely");

        assertThat(removed.expect(0).out()).isEqualTo("lonely\n");
        assertThat(removed.err()).hasLineCount(1).contains("did not come back: the copy is volume lost-");
        String volume = fcvm.run("volume", "ls", "-q").expect(0).out().strip();
        Path archive = fcvm.place().root().resolve("lost.tar");
        fcvm.run("volume", "export", "-o", archive.toString(), volume).expect(0);
        assertThat(Child.of("tar", "-xOf", archive.toString(), "./made")
                        .run()
                        .expect(0)
                        .out())
                .isEqualTo("precious\n");
        fcvm.run("volume", "rm", volume).expect(0);
        assertThat(fcvm.leaks()).isEmpty();
    }

    @Test
    void shouldKeepAVolumeForOneWriterAndFillItFromTheImage(Fcvm fcvm, Archives archives) throws Exception {
        String image = image(archives);
        Path fixed = fcvm.place().directory("read-only");
        Files.writeString(fixed.resolve("file"), "fixed\n");
        fcvm.run("volume", "create", "--size", "64m", "data").expect(0);
        assertThat(fcvm.run(
                                "run",
                                "--quiet",
                                "--rm",
                                "--privileged",
                                "-v",
                                "data:/etc",
                                image,
                                "sh",
                                "-c",
                                "ls /etc/passwd && echo kept >/etc/kept && chown 1234 /etc/kept")
                        .expect(0)
                        .out())
                .isEqualTo("/etc/passwd\n");
        try (Child reader = fcvm.call(
                        "run",
                        "--quiet",
                        "--rm",
                        "--privileged",
                        "-v",
                        "data:/v:ro",
                        "--map",
                        fixed + ":/f:ro",
                        image,
                        "sh",
                        "-c",
                        "stat -c '%n %u' /v/kept; for d in v:d f:e; do mount -o remount,rw /${d%:*} 2>/dev/null;"
                                + " echo x >/${d%:*}/file 2>/dev/null || echo fixed; dd if=/dev/zero of=/dev/vd${d#*:} count=1"
                                + " 2>/dev/null || echo fixed; done; exec /bin/signals TERM")
                .start()) {
            reader.awaitOut("fixed\nfixed\nfixed\nfixed\nready\n");
            Complaint.alone(fcvm.run("run", "--quiet", "--rm", "-v", "data:/v", image, "true"), "in use by machine");
            assertThat(fcvm.run("volume", "rm", "data").exitCode()).isEqualTo(2);
            reader.signal("TERM");
            assertThat(reader.outcome().expect(40).out()).startsWith("/v/kept 1234\n");
        }
        fcvm.run("volume", "rm", "data").expect(0);
        assertThat(fcvm.run("volume", "ls", "-q").expect(0).out()).isEmpty();
    }

    @Test
    void shouldMendAVolumeLetItGrowAndPassItOnAsAnArchive(Fcvm fcvm, Archives archives) throws Exception {
        Path tree = tree(fcvm.place(), "archived");
        Path archive = fcvm.place().root().resolve("tree.tar");
        Child.of("tar", "-C", tree.toString(), "--sparse", "--format=pax", "-cf", archive.toString(), ".")
                .run()
                .expect(0);
        fcvm.run("volume", "create", "-o", "size=64m", "data").expect(0);
        fcvm.run("volume", "import", "data", archive.toString()).expect(0);
        Path disk = fcvm.data().resolve("volumes/data/disk.ext4");
        // It says of itself that it has errors, and it has one: a count that is wrong.
        Child.of(
                        "sh",
                        "-c",
                        "printf '\\002' | dd of=\"$0\" bs=1 seek=1082 conv=notrunc && printf '\\001\\001' |"
                                + " dd of=\"$0\" bs=1 seek=1036 conv=notrunc",
                        disk.toString())
                .run()
                .expect(0);

        fcvm.run(
                        "run",
                        "--quiet",
                        "--rm",
                        "-v",
                        "data:/v:size=400m",
                        image(archives),
                        "sh",
                        "-c",
                        "cat /v/plain && echo new >/v/new && dd if=/dev/zero of=/v/large bs=1M count=200 2>/dev/null && rm /v/gone")
                .expect(0);

        Child.of("e2fsck", "-fn", disk.toString()).run().expect(0);
        assertThat(Files.size(disk)).isEqualTo(400L << 20);
        Path back = fcvm.place().directory("back");
        fcvm.run("volume", "export", "-o", archive.toString(), "data").expect(0);
        Child.of("tar", "-C", back.toString(), "--numeric-owner", "-xpf", archive.toString())
                .run()
                .expect(0);
        assertThat(back.resolve("large")).hasSize(200L << 20);
        Files.delete(back.resolve("large"));
        Files.writeString(tree.resolve("new"), "new\n");
        Files.delete(tree.resolve("gone"));
        Files.setPosixFilePermissions(tree.resolve("new"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(list(back))
                .map(line -> line.replaceAll("^(./new .*) \\d+$", "$1"))
                .isEqualTo(list(tree).stream()
                        .map(line -> line.replaceAll("^(./new .*) \\d+$", "$1"))
                        .toList());
        fcvm.run("volume", "rm", "data").expect(0);
    }
}
