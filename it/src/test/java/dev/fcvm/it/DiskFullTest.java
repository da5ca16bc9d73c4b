package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A disk that fills up at every step of a pull. Only root may mount one that is small enough. */
@MachineTest
class DiskFullTest {

    // Percents of the size of the image's archive.
    private static final long MOST = 1000;
    private static final long COARSE = 20;
    private static final long FINE = 3;

    private static final String MOUNT = """
            mount -t tmpfs -o size="$0"k,mode=0700 tmpfs "$1" || exit 99
            store=$1; shift
            "$@"; code=$?
            find "$store" -path '*partial*' -exec echo left behind: {} +
            exit $code""";

    @Test
    void shouldLeaveNothingWhenThereIsNoSpaceForTheStoreDiskAndRecoverOnceThereIs(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may mount a small file system");
        long size = archives.ociArchive(TestImages.plain()).toFile().length() >> 10;
        // Not the archive itself: skopeo unpacks it first, which takes more than the last step does.
        String image = "oci:" + archives.layout(TestImages.plain()) + ":plain";
        List<String> failures = new ArrayList<>();
        try (Fcvm fcvm = Fcvm.create()) {
            // Until it fits.
            long percent = 40;
            while (percent < MOST && !pull(fcvm, image, size * percent / 100, failures)) {
                percent += COARSE;
            }
            assertThat(percent).as("it fits in the end").isLessThan(MOST);
            // Where the steps change over, more closely: unpacking, and making the disk of it.
            for (long fine = percent - COARSE; fine < percent; fine += FINE) {
                pull(fcvm, image, size * fine / 100, failures);
            }
            assertThat(failures).hasSizeGreaterThan(10);

            fcvm.run("pull", "--quiet", image).expect(0);
            Store.isTidy(fcvm);
        }
    }

    /** Pulls into a store of so many KiB; tells whether that was enough, and adds to the failures when it was not. */
    private static boolean pull(Fcvm fcvm, String image, long kibibytes, List<String> failures) {
        Path store = fcvm.place().directory("data/store");
        // In a mount namespace of its own: the mount ends with the command, whatever happens to the test.
        Outcome outcome = fcvm.call("pull", "--quiet", image)
                .inside(Long.toString(kibibytes), store.toString())
                .env("FCVM_DISK_FLOOR", "0")
                .inside("unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT)
                .run();
        assertThat(outcome.out()).doesNotContain("left behind");
        if (outcome.exitCode() == 0) {
            return true;
        }
        Complaint.in(outcome, "space", "FCVM_DATA_DIR");
        failures.add(outcome.err());
        return false;
    }
}
