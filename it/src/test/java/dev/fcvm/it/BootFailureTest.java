package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Machines that do not come up: the reason in a line, the console's last words, and nothing left. */
@MachineTest
class BootFailureTest {

    @Test
    void shouldShowTheConsoleWhenTheKernelPanics(Archives archives, Place place) {
        Path initramfs = Guests.initramfs(place, "echo the last words of this guest; exec /bin/sh -c 'exit 1'");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs)) {
            Outcome outcome = fcvm.run("run", "--rm", plain(archives), "true");

            Complaint.in(outcome, "the last words of this guest");
        }
    }

    @Test
    void shouldShowTheConsoleWhenTheGuestPowersOffEarly(Archives archives, Place place) {
        Path initramfs = Guests.initramfs(place, "echo the last words of this guest; exec /bin/poweroff -f");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs)) {
            Outcome outcome = fcvm.run("run", "--rm", plain(archives), "true");

            Complaint.in(outcome, "the last words of this guest");
        }
    }

    @Test
    void shouldGiveUpWhenTheAgentNeverAnswers(Archives archives, Place place) {
        Path initramfs = Guests.initramfs(place, "echo asleep; while :; do sleep 1000; done");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs)) {
            Outcome outcome = fcvm.call("run", "--rm", plain(archives), "true")
                    .env("FCVM_BOOT_TIMEOUT", "6")
                    .run();

            Complaint.in(outcome, "agent", "6 s");
            assertThat(outcome.took()).isLessThan(Duration.ofSeconds(60));
        }
    }

    @Test
    void shouldHoldNoDescriptorOfStartsThatFailed(Archives archives, Place place) {
        Path initramfs = Guests.initramfs(place, "while :; do sleep 1000; done");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs);
                var user = new Supervised(fcvm)) {
            Child.Call start = user.call("run", "--rm", plain(archives), "true").env("FCVM_BOOT_TIMEOUT", "1");
            start.run().expect(125);
            ProcessHandle supervisor = user.process();
            long once = sockets(supervisor);
            start.run().expect(125);
            start.run().expect(125);

            Fcvm.await(() -> sockets(supervisor), open -> open <= once);
        }
    }

    private static long sockets(ProcessHandle process) {
        String files = "/proc/" + process.pid() + "/fd";
        return Child.of("find", files, "-lname", "socket:*").run().out().lines().count();
    }

    @Test
    void shouldSayWhatTheMonitorSaidWhenItRefusesTheKernel(Archives archives, Place place) {
        Path kernel = place.file("vmlinux", "no kernel at all");
        try (Fcvm fcvm = Fcvm.withBaseFile("vmlinux", kernel)) {
            Complaint.in(fcvm.run("run", "--rm", plain(archives), "true"), "kernel");
        }
    }

    @Test
    void shouldNotBelieveAGuestThatTalksNonsenseOnTheLink(Archives archives, Place place) {
        Path initramfs = Guests.initramfs(
                place,
                "for i in 1 2 3 4 5 6 7 8 9; do for d in /dev/vport*; do [ -e $d ] && break 2; done; sleep 1; done;"
                        + " yes 'no frame, just words' > $d; sleep 1000");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs)) {
            Outcome outcome = fcvm.call("run", "--rm", plain(archives), "true")
                    .env("FCVM_BOOT_TIMEOUT", "10")
                    .run();

            Complaint.in(outcome);
        }
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
