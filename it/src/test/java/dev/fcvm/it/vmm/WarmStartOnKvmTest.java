package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.snapshot.WarmBase;
import dev.fcvm.it.supervisor.Supervised;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run from the warm base with the base's own kernel, where KVM runs it: all as users have it. */
@MachineTest
@Timeout(1500)
final class WarmStartOnKvmTest {

    @Test
    void shouldStartFromTheMachineThatHasBootedBehindTheFirstRun(Fcvm fcvm, Archives archives, Place place)
            throws IOException {
        Path shown = place.directory("shown");
        Files.writeString(shown.resolve("file"), "theirs\n");
        try (var user = new Supervised(fcvm)) {
            run(user, archives, "true").expect(0);
            WarmBase.await(fcvm);

            long before = Instant.now().getEpochSecond();
            Outcome warm = run(user, archives, "date +%s; cat /shown/file", "-v", shown + ":/shown:ro")
                    .expect(0);
            assertThat(warm.err()).contains("\"renewed\":");
            List<String> said = warm.out().lines().toList();
            assertThat(said).hasSize(2).endsWith("theirs");
            assertThat(Long.parseLong(said.getFirst()))
                    .isBetween(before, Instant.now().getEpochSecond());
        }
    }

    private static Outcome run(Supervised user, Archives archives, String command, String... options) {
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        List<String> words = new ArrayList<>(List.of("run", "--rm", "-m", "64m", "--timings=json"));
        words.addAll(List.of(options));
        words.addAll(List.of(image, "sh", "-c", command));
        return user.call(words.toArray(String[]::new))
                .env(WarmBase.VARIABLE, "")
                .run();
    }
}
