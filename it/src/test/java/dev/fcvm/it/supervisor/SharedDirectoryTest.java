package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A directory that is served to a machine while it runs. */
@MachineTest
class SharedDirectoryTest {

    private static final int LINES = 300;

    /** Sends a request to open a file that is made, as whoever has taken over the guest could: past sshfs, to the host. */
    private static final String RAW = """
            raw() {
                for process in /proc/[0-9]*; do
                    if tr '\\0' ' ' <$process/cmdline | grep -q "^/usr/bin/sshfs .*/mappings/$1 "; then
                        printf "$(printf '\\\\000\\\\000\\\\000\\\\%03o\\\\003\\\\177\\\\000\\\\000\\\\001\\\\000\\\\000\\\\000\\\\%03o%s' \
                            $((17 + ${#2})) ${#2} "$2")\\000\\000\\000\\012\\000\\000\\000\\000" >$process/fd/1
                    fi
                done
            }
            """;

    @Test
    void shouldKeepADirectoryLiveOnBothSidesAndItsGuestInside(Fcvm fcvm, Archives archives) throws Exception {
        Path shared = fcvm.place().directory("around/shared");
        Path fixed = fcvm.place().directory("around/fixed");
        Path single = Files.writeString(fcvm.place().directory("around/single").resolve("file"), "single\n");
        Files.writeString(fixed.resolve("file"), "fixed\n");
        fill(shared);
        try (var user = new Supervised(fcvm)) {
            user.run(
                            "run",
                            "-d",
                            "--name",
                            "web",
                            "--privileged",
                            "--pid",
                            "host",
                            "--map",
                            shared + ":/shared,mode=sshfs",
                            "--map",
                            fixed + ":/fixed:ro,mode=sshfs",
                            "-v",
                            single + ":/single",
                            "--map-mode",
                            "sshfs",
                            plain(archives),
                            "/bin/sh",
                            "-c",
                            "exec 3>/shared/log 4>/shared/doomed; echo before >&3; echo x >&4; until [ -e /shared/go ]; do sleep"
                                    + " 0.1; done; echo after >&3; while echo x >&4; do sleep 0.1; done 2>/dev/null; echo lost"
                                    + " >&3; sleep 1000")
                    .expect(0);

            seeTheSameOnBothSides(user, shared);
            writeOnBothSidesAtOnce(user, shared);
            changeNothingReadOnly(user, fixed, single);
            stayInside(user, shared, fixed);
            mapMoreWhileItRuns(user, shared);
            outliveTheSupervisor(user, shared);
            unmap(user, shared);
            endInTheMidstOfWriting(user, shared);
        }
    }

    private static void fill(Path shared) throws IOException {
        Files.writeString(shared.resolve("with a space\nand a line"), "odd\n");
        Files.createDirectories(shared.resolve("a/b"));
        Files.writeString(shared.resolve("a/b/file"), "content\n");
        Files.setPosixFilePermissions(
                shared.resolve("a/b/file"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(shared.resolve("a/b/file"), FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
        Files.createLink(shared.resolve("a/second"), shared.resolve("a/b/file"));
        Files.createSymbolicLink(shared.resolve("link"), Path.of("a/b/file"));
        Files.createSymbolicLink(shared.resolve("out"), Path.of("../fixed"));
    }

    private static void seeTheSameOnBothSides(Supervised user, Path shared) throws IOException {
        String look =
                "cd \"$1\" && find . | sort | while read -r f; do stat -c '%n %F %a %u %g %s %Y' \"$f\"; done 2>&1; cat link;"
                        + " cat 'with a space\nand a line'; readlink out";
        user.run(
                        "exec",
                        "web",
                        "sh",
                        "-c",
                        "umask 027; mkdir /shared/made; echo guest >/shared/made/file;"
                                + " ln -s ../a /shared/made/link; ln /shared/made/file /shared/made/hard; chown 12:34 /shared/made/file;"
                                + " mv /shared/made/hard /shared/made/moved; truncate -s 100000 /shared/made/sparse;"
                                + " touch -d @1234567890 /shared/made/sparse; rm /shared/a/second")
                .expect(0);
        String guest =
                user.run("exec", "web", "sh", "-c", look, "look", "/shared").out();
        String host = Child.of("busybox", "sh", "-c", look, "look", shared.toString())
                .run()
                .out();
        assertThat(guest.replaceAll("(?m)^\\. .*\n|^\\./log .*\n", ""))
                .contains("./made/file regular file 640 12 34 6")
                .isEqualTo(host.replaceAll("(?m)^\\. .*\n|^\\./log .*\n", ""));
        assertThat(Files.readString(shared.resolve("made/moved"))).isEqualTo("guest\n");
        Files.writeString(shared.resolve("a/b/file"), "changed on the host\n");
        assertThat(user.run("exec", "web", "sh", "-c", "until grep changed /shared/link; do sleep 0.1; done")
                        .expect(0)
                        .out())
                .isEqualTo("changed on the host\n");
    }

    private static void writeOnBothSidesAtOnce(Supervised user, Path shared) throws IOException {
        try (Child guest = user.call(
                        "exec",
                        "web",
                        "sh",
                        "-c",
                        "i=0; while [ $i -lt " + LINES + " ]; do echo guest $i >>/shared/both; i=$((i+1)); done")
                .start()) {
            for (int i = 0; i < LINES; i++) {
                Files.writeString(
                        shared.resolve("both"),
                        "host " + i + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            }
            guest.outcome().expect(0);
        }
        List<String> expected = new ArrayList<>();
        IntStream.range(0, LINES).forEach(i -> expected.addAll(List.of("guest " + i, "host " + i)));
        assertThat(Files.readAllLines(shared.resolve("both"))).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static void changeNothingReadOnly(Supervised user, Path fixed, Path single) {
        user.run("exec", "web", "sh", "-c", "echo x >/fixed/new").expect(1);
        Outcome forced = user.run(
                "exec",
                "web",
                "sh",
                "-c",
                "mount -o remount,rw,bind /fixed; rm -f /fixed/file; echo x >/fixed/file; echo x >/fixed/new");
        forced.expect(1);
        assertThat(fixed).isDirectoryContaining(file -> file.endsWith("file"));
        assertThat(fixed.resolve("file")).hasContent("fixed");
        assertThat(fixed.resolve("new")).doesNotExist();
        user.run("exec", "web", "sh", "-c", "echo SINGLE >/single").expect(0);
        assertThat(single).hasContent("SINGLE");
    }

    private static void stayInside(Supervised user, Path shared, Path fixed) {
        user.run(
                        "exec",
                        "web",
                        "sh",
                        "-c",
                        RAW + "raw 0 raw-inside; raw 0 ../raw-outside; raw 0 out/raw-behind-link; raw 0 " + shared
                                + "/raw-absolute; raw 1 raw-read-only; ls /shared /fixed")
                .expect(0);
        assertThat(shared.resolve("raw-inside")).exists(); // so the others have arrived as well
        assertThat(shared.resolveSibling("raw-outside")).doesNotExist();
        assertThat(shared.resolve("raw-absolute")).doesNotExist();
        assertThat(fixed).isDirectoryNotContaining("glob:**raw*");
    }

    private static void mapMoreWhileItRuns(Supervised user, Path shared) throws IOException {
        Path added = Files.createDirectories(shared.resolveSibling("added"));
        Path one = Files.writeString(shared.resolveSibling("one"), "one\n");
        user.run("map", "web", added + ":/deep/er", one + ":/etc/one:ro").expect(0);
        assertThat(user.run(
                                "exec",
                                "web",
                                "sh",
                                "-c",
                                "echo in >/deep/er/file; cat /etc/one; echo x >/etc/one; mount -o remount,rw,bind /etc/one; echo x >/etc/one")
                        .expect(1)
                        .out())
                .isEqualTo("one\n");
        assertThat(added.resolve("file")).hasContent("in");
        assertThat(one).hasContent("one");
        Complaint.alone(user.run("map", "web", added + ":/deep/er"), "there is a mapping already");
        Path copied = Files.createDirectories(shared.resolveSibling("copied"));
        Files.writeString(copied.resolve("old"), "old\n");
        Files.writeString(copied.resolve("both"), "start\n");
        user.run("map", "web", copied + ":/disk,mode=block", copied + ":/fixed-disk:ro,mode=block")
                .expect(0);
        assertThat(user.run(
                                "exec",
                                "web",
                                "sh",
                                "-c",
                                "cat /disk/old; rm /disk/old; echo new >/disk/new; ln /disk/new /disk/second; echo in >/disk/both;"
                                        + " cat /fixed-disk/old; echo x >/fixed-disk/x")
                        .expect(1)
                        .out())
                .isEqualTo("old\nold\n");
        assertThat(copied.resolve("old")).hasContent("old");
        Complaint.alone(user.run("map", "web", added + ":/nfs,mode=nfs"), "mode=sshfs or mode=block");
        Complaint.alone(user.run("map", "web", added + "/none:/none"), "no such file or directory");
    }

    /** What was added is there when another supervisor has the machine, until it is taken away. */
    private static void unmap(Supervised user, Path shared) throws IOException {
        Files.writeString(shared.resolveSibling("added").resolve("later"), "later\n");
        assertThat(user.run("exec", "web", "cat", "/deep/er/later").expect(0).out())
                .isEqualTo("later\n");
        user.run("unmap", "web", "/deep/er").expect(0);
        assertThat(user.run("exec", "web", "ls", "-A", "/deep/er").expect(0).out())
                .isEmpty();
        Path copied = shared.resolveSibling("copied");
        Files.writeString(copied.resolve("both"), "out\n");
        user.run("exec", "web", "sh", "-c", "echo more >>/disk/new").expect(0);
        assertThat(user.run("volume", "sync", "web").expect(0).err())
                .contains("both: was changed here and in the machine")
                .hasLineCount(1);
        assertThat(copied.resolve("new")).hasContent("new\nmore");
        Files.writeString(copied.resolve("here"), "here\n");
        user.run("exec", "web", "sh", "-c", "echo again >>/disk/second; rm /disk/both")
                .expect(0);
        assertThat(user.run("unmap", "web", "/disk", "/fixed-disk").expect(0).err())
                .contains("both: was deleted in the machine and changed here")
                .hasLineCount(1);
        assertThat(copied.resolve("old")).doesNotExist();
        assertThat(copied.resolve("new")).hasContent("new\nmore\nagain");
        assertThat(copied.resolve("second")).hasContent("new\nmore\nagain");
        assertThat(copied.resolve("both")).hasContent("out");
        assertThat(copied.resolve("here")).hasContent("here");
        assertThat(user.run("exec", "web", "ls", "-A", "/disk").expect(0).out()).isEmpty();
        Complaint.alone(user.run("unmap", "web", "/shared"), "stays until it ends");
    }

    private static void outliveTheSupervisor(Supervised user, Path shared) throws IOException {
        ProcessHandle supervisor = user.process();
        supervisor.destroyForcibly();
        supervisor.onExit().join();
        Files.delete(shared.resolve("doomed"));
        Files.writeString(shared.resolve("go"), "");
        // The next command takes the machine over.
        user.run("exec", "web", "true").expect(0);
        Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
        while (!Files.readString(shared.resolve("log")).contains("lost")
                && Instant.now().isBefore(deadline)) {
            LockSupport.parkNanos(50_000_000);
        }
        assertThat(shared.resolve("log")).hasContent("before\nafter\nlost");
        assertThat(shared.resolve("doomed")).doesNotExist();
    }

    /** What was forced out is there; of the rest, whole writes. */
    private static void endInTheMidstOfWriting(Supervised user, Path shared) throws IOException {
        try (Child writer = user.call(
                        "exec",
                        "web",
                        "sh",
                        "-c",
                        "echo done >/shared/done; sync /shared/done; echo ready; while :; do echo line >>/shared/growing; done")
                .start()) {
            writer.awaitOut("ready\n");
            user.run("rm", "-f", "web").expect(0);
            writer.closed();
        }
        assertThat(shared.resolve("done")).hasContent("done");
        if (Files.exists(shared.resolve("growing"))) {
            // Empty when it had been made, and not written to yet.
            assertThat(Files.readAllLines(shared.resolve("growing"))).allMatch("line"::equals);
        }
    }

    @Test
    void shouldServeAnOrdinaryUsersDirectoryAsTheContainersRoots(Archives archives) throws Exception {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser ordinary = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(ordinary)) {
            Path shared = fcvm.home().resolve("new");
            Outcome outcome = fcvm.call(
                            "run",
                            "--rm",
                            "--map",
                            shared + ":/shared,mode=sshfs,create",
                            plain(archives),
                            "sh",
                            "-c",
                            "echo guest >/shared/file; stat -c %u:%g /shared/file; chown 0:0 /shared/file && ! chown 5 /shared/file")
                    .run();
            assertThat(outcome.expect(0).out()).isEqualTo("0:0\n");
            assertThat(shared.resolve("file")).hasContent("guest");
            assertThat(Files.getAttribute(shared.resolve("file"), "unix:uid")).isEqualTo((int) ordinary.uid());
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
