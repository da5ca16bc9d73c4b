package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.snapshot.WarmBase;
import dev.fcvm.it.supervisor.Supervised;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run from the warm base with the base's own kernel, where KVM runs it: all as users have it. */
@MachineTest
@Timeout(1500)
final class WarmStartOnKvmTest {

    @Test
    void shouldStartFromTheMachineThatHasBootedBehindTheFirstRun(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            run(user, archives, "true").expect(0);
            WarmBase.await(fcvm);

            long before = Instant.now().getEpochSecond();
            Outcome warm = run(user, archives, "date +%s").expect(0);
            assertThat(warm.err()).contains("\"renewed\":");
            assertThat(Long.parseLong(warm.out().strip()))
                    .isBetween(before, Instant.now().getEpochSecond());
        }
    }

    private static Outcome run(Supervised user, Archives archives, String command) {
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        return user.call("run", "--rm", "-m", "64m", "--timings=json", image, "sh", "-c", command)
                .env(WarmBase.VARIABLE, "")
                .run();
    }
}
