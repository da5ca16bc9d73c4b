package dev.fcvm.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A disk that fills up. Only root may mount one that is small enough. */
@MachineTest
class DiskFullTest {

    @Test
    void shouldLeaveNothingWhenThereIsNoSpaceForTheStoreDiskAndRecoverOnceThereIs(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may mount a small file system");
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        try (Fcvm fcvm = Fcvm.create()) {
            Path store = fcvm.place().directory("data/store");
            Child.of("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", store.toString())
                    .run()
                    .expect(0);
            try {
                Complaint.in(fcvm.run("pull", "--quiet", image), "space");
            } finally {
                Child.of("umount", store.toString()).run().expect(0);
            }

            fcvm.run("pull", "--quiet", image).expect(0);
        }
    }
}
