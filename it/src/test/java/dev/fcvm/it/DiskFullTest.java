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

    private static final String MOUNT = """
            mount -t tmpfs -o size="$0"k,mode=0700 tmpfs "$1" || exit 99
            store=$1; shift
            "$@"; code=$?
            find "$store" -path '*partial*' -exec echo left behind: {} +
            exit $code""";

    @Test
    void shouldLeaveNothingWhenThereIsNoSpaceForTheStoreDiskAndRecoverOnceThereIs(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may mount a small file system");
        Path archive = archives.ociArchive(TestImages.plain());
        String image = "oci-archive:" + archive;
        long size = archive.toFile().length() >> 10;
        List<String> failures = new ArrayList<>();
        try (Fcvm fcvm = Fcvm.create()) {
            Path store = fcvm.place().directory("data/store");
            // Up to what it needs at once: skopeo's copy of the archive, the layers packed and unpacked, the disk.
            for (long percent = 40; percent <= 480; percent += 20) {
                // In a mount namespace of its own: the mount ends with the command, whatever happens to the test.
                Outcome outcome = fcvm.call("pull", "--quiet", image)
                        .inside(Long.toString(size * percent / 100), store.toString())
                        .env("FCVM_DISK_FLOOR", "0")
                        .inside("unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT)
                        .run();
                assertThat(outcome.out()).doesNotContain("left behind");
                if (outcome.exitCode() != 0) {
                    Complaint.in(outcome, "space", "FCVM_DATA_DIR");
                    failures.add(outcome.err());
                }
            }
            assertThat(failures).anyMatch(words -> words.contains("cannot get "));
            assertThat(failures).anyMatch(words -> words.contains("cannot make a disk of "));
            assertThat(failures).hasSizeLessThan(23);

            fcvm.run("pull", "--quiet", image).expect(0);
            Store.isTidy(fcvm);
        }
    }
}
