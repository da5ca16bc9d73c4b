package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.HostPodman;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.KilledCommands;
import dev.fcvm.it.supervisor.Supervised;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A user without privileges runs machines as well as root. */
@MachineTest
class OrdinaryUserTest {

    @Test
    void shouldUnpackFourLayersWithWhiteoutsWithoutRootAsPodmanDoesWithIt(HostPodman podman, Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        Outcome expected = podman.run(arguments(podman.load(TestImages.layered(), archives)))
                .run()
                .expect(0);
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user)) {
            Outcome actual = fcvm.call(
                            new String[] {"run", "--quiet"},
                            arguments("oci-archive:" + archives.ociArchive(TestImages.layered()))
                                    .toArray(String[]::new))
                    .run();

            actual.expect(0);
            assertThat(ParityCases.withoutDirectorySizes(actual.out()))
                    .isEqualTo(ParityCases.withoutDirectorySizes(expected.out()));
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    @Test
    void shouldTellTheEndsOfCommandsThatTheUsersSupervisorDidNotSurvive(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser ordinary = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(ordinary)) {
            try (var user = new Supervised(fcvm)) {
                KilledCommands.tell(user, "oci-archive:" + archives.ociArchive(TestImages.plain()));
            }
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    private static List<String> arguments(String image) {
        return List.of("--rm", image, "/bin/sh", "-c", ParityCases.LISTING);
    }
}
