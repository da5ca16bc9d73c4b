package dev.fcvm.it.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The harness itself: a leak check that never finds anything would let every test pass. */
@MachineTest
class HarnessTest {

    @Test
    void shouldNoticeEverythingThatIsLeftBehindAndTakeItAway() {
        Fcvm fcvm = Fcvm.create();
        fcvm.place().file("data/machines/0123/console.log", "hello");
        fcvm.place().file("data/names/forgotten", "0123");
        fcvm.place().file("r/fcvm/0123/qmp.sock", "");
        try (Child left = Child.of("sleep", "1000")
                .env("FCVM_DATA_DIR", fcvm.data().toString())
                .start()) {

            assertThat(fcvm.leaks())
                    .anyMatch(line -> line.startsWith("process ") && line.contains("sleep 1000"))
                    .anyMatch(line -> line.startsWith("machine "))
                    .anyMatch(line -> line.startsWith("name "))
                    .anyMatch(line -> line.startsWith("runtime file "));

            Leaks.end(fcvm);
            assertThat(left.isAlive()).isFalse();
        }
        fcvm.forget();
        assertThat(fcvm.leaks()).isEmpty();
        Path root = fcvm.place().root();
        fcvm.close();
        assertThat(root).doesNotExist();
    }

    @Test
    void shouldMakeAUserWithSubordinateIdsAndTakeItAway() {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        String name;
        try (OrdinaryUser user = OrdinaryUser.make()) {
            name = user.name();
            Outcome who = Child.of(java.util.stream.Stream.concat(
                                    user.prefix().stream(),
                                    java.util.stream.Stream.of(
                                            "unshare",
                                            "--user",
                                            "--map-root-user",
                                            "--map-auto",
                                            "cat",
                                            "/proc/self/uid_map"))
                            .toList())
                    .run();
            assertThat(who.expect(0).out().lines()).hasSize(2);
            assertThat(Files.exists(Path.of("/etc/subuid"))).isTrue();
        }
        assertThat(Child.of("id", name).run().exitCode()).isNotZero();
    }

    @Test
    void shouldServeAnImageFromARegistryOnlyToThoseWhoKnowThePassword(Archives archives) {
        try (LocalRegistry registry = LocalRegistry.withPassword()) {
            String name = registry.push(TestImages.layered(), "1", archives);

            assertThat(registry.digest(name)).startsWith("sha256:");
            Outcome stranger = Child.of("skopeo", "inspect", "--tls-verify=false", "docker://" + name)
                    .run();
            assertThat(stranger.exitCode()).isNotZero();
        }
    }
}
