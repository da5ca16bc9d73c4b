package dev.fcvm.it;

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
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Machines that write more than the host's disk has. Only root may mount a disk that is small enough. */
@MachineTest
class HostDiskTest {

    /** Writes what can be told right from wrong, and says whether it is still so when it is read from the disk again. */
    private static final String WRITE_AND_CHECK =
            "read mebibytes; yes 0123456789abcde | head -c ${mebibytes}m > /big; sync;"
                    + " echo 3 > /proc/sys/vm/drop_caches; yes 0123456789abcde | head -c ${mebibytes}m | cmp - /big && echo right";

    @AutoClose
    private final Fcvm fcvm = Fcvm.create();

    /** A mount namespace that lives as long as this: in it, the machines lie on a small disk. */
    private Child disk(String size) {
        Path machines = machines();
        Child disk = Child.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        // No tmpfs: what is written to one counts as the machine's memory.
                        "truncate -s $1 \"$2.img\" && mke2fs -q -F -t ext4 -m 0 \"$2.img\" && mount -o loop \"$2.img\""
                                + " \"$2\" && rm -rf \"$2/lost+found\" \"$2.img\" && chmod 0700 \"$2\" && echo mounted &&"
                                + " exec sleep infinity",
                        "sh",
                        size,
                        machines.toString())
                .start();
        disk.awaitOut("mounted");
        return disk;
    }

    private Path machines() {
        return fcvm.place().directory("data/machines");
    }

    private static Fcvm on(Child disk, Fcvm fcvm) {
        return fcvm.within(List.of("nsenter", "--target", Long.toString(disk.pid()), "--mount", "--wd=/"));
    }

    @Test
    void shouldPauseMachinesThatFillTheHostsDiskAndLoseNothingOfWhatTheyWrite(Archives archives) throws IOException {
        assumeTrue(OrdinaryUser.possible(), "only root may mount a small file system");
        try (Child disk = disk("400M");
                var toFiller = new PipedOutputStream();
                var toOther = new PipedOutputStream()) {
            Fcvm small = on(disk, fcvm);
            Path ballast = Path.of("/proc/" + disk.pid() + "/root" + fcvm.data().resolve("machines/ballast"));
            try (Child filler = machine(small, "filler", toFiller, archives);
                    Child other = machine(small, "other", toOther, archives)) {
                // Each of them fitted when it was started; now somebody else writes as well.
                Child.of("fallocate", "-l", "150M", ballast.toString()).run().expect(0);
                say(toFiller, "170");
                filler.awaitErr("paused, since the host's disk is full");
                assertThat(small.run("ps").expect(0).out())
                        .containsPattern("Paused \\(host disk…? .*filler|Paused \\(host disk full\\).*filler")
                        .containsPattern("Up .* +other");
                assertThat(small.run("ps", "--json").expect(0).out())
                        .contains("\"state\":\"paused\"", "\"reason\":\"host disk full\"");

                assertThat(events(small, "pause"))
                        .containsPattern("container pause [0-9a-f]+ \\(.*name=filler.*, reason=host disk full\\)")
                        .doesNotContain("name=other");

                say(toOther, "40");
                other.awaitErr("paused, since the host's disk is full");
                Complaint.in(
                        small.run("run", "--quiet", "--rm", image(archives), "true"), "no room", "FCVM_DISK_FLOOR");

                Files.delete(ballast);
                assertThat(filler.outcome().expect(0).out()).isEqualTo("right\n");
                assertThat(other.outcome().expect(0).out()).isEqualTo("right\n");
                assertThat(events(small, "unpause")).contains("name=filler", "name=other");
            }
            // The kernel frees the loop device with the unmounting; with the end of a namespace, a moment later.
            Child.of(
                            "nsenter",
                            "--target",
                            Long.toString(disk.pid()),
                            "--mount",
                            "--wd=/",
                            "umount",
                            machines().toString())
                    .run()
                    .expect(0);
        }
    }

    private static String events(Fcvm fcvm, String action) {
        return fcvm.run("events", "--stream=false", "--filter", "event=" + action)
                .expect(0)
                .out();
    }

    @Test
    void shouldRefuseADiskThatTheHostHasNoRoomForAndMakeNothing(Archives archives) {
        Outcome outcome = fcvm.run("run", "--rm", "--disk-size", "8t", image(archives), "true");

        Complaint.in(outcome, "8192 GiB", "--disk-size");
        assertThat(fcvm.machines()).isEmpty();
    }

    @Test
    void shouldGiveTheContainerADiskOfTheSizeThatWasAskedFor(Archives archives) {
        String script = "df -m / | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2; dd if=/dev/zero of=/x bs=1M count=400";
        Outcome outcome =
                fcvm.run("run", "--rm", "--quiet", "--disk-size", "300m", image(archives), "/bin/sh", "-c", script);

        outcome.expect(1);
        assertThat(Integer.parseInt(outcome.out().strip())).isBetween(250, 300);
        assertThat(outcome.err()).contains("No space left on device");
    }

    private Child machine(Fcvm small, String name, PipedOutputStream input, Archives archives) throws IOException {
        Child child = small.call(
                        "run",
                        "-i",
                        "--rm",
                        "--privileged",
                        "--disk-size",
                        "200m",
                        "--name",
                        name,
                        image(archives),
                        "/bin/sh",
                        "-c",
                        WRITE_AND_CHECK)
                .env("FCVM_DISK_FLOOR", "80m")
                .stdin(new PipedInputStream(input))
                .start();
        small.await(
                child,
                each -> each.run("ps").out().lines().anyMatch(line -> line.contains("  Up ") && line.endsWith(name)));
        return child;
    }

    private static void say(PipedOutputStream to, String line) throws IOException {
        to.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        to.flush();
        to.close();
    }

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
