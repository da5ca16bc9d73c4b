package dev.fcvm.host.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.PrivateDirectories;
import dev.fcvm.host.UserRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each machine has a user that nobody else is. */
final class MachineUserTest {

    private static final UserRange THREE = new UserRange(1_999_999_000, 1_999_999_002);

    @TempDir
    Path directory;

    private Path claims = Path.of("/nonexistent");

    @BeforeEach
    void name() {
        claims = directory.resolve("users");
    }

    @Test
    void shouldGiveEveryMachineAnotherUserAndRefuseWhenAllAreTaken() throws Exception {
        try (MachineUser first = claim();
                MachineUser second = claim();
                MachineUser third = claim()) {
            assertThat(Set.of(first.number(), second.number(), third.number()))
                    .containsExactlyInAnyOrder(1_999_999_000, 1_999_999_001, 1_999_999_002);
            assertThatThrownBy(this::claim).isInstanceOf(FcvmException.class).hasMessageContaining("FCVM_JAILER_UIDS");
        }
        try (MachineUser again = claim()) {
            assertThat(again.number()).isBetween(THREE.first(), THREE.last());
        }
        assertThat(claimFiles()).isZero();
    }

    @Test
    void shouldTakeBackTheClaimsOfProcessesThatAreGone() throws Exception {
        Files.createDirectories(claims);
        for (int user = THREE.first(); user <= THREE.last(); user++) {
            Files.createFile(claims.resolve(user + ".999999999"));
        }
        try (MachineUser user = claim()) {
            assertThat(user.number()).isBetween(THREE.first(), THREE.last());
            assertThat(claimFiles()).as("the stale ones are gone").isOne();
        }
    }

    @Test
    void shouldNotGiveOutAUserWhoseProcessLives() throws Exception {
        Assumptions.assumeTrue(PrivateDirectories.currentUser() == 0, "only root may start a process as another user");
        Process sleeper = new ProcessBuilder("setpriv", "--reuid=1999999001", "--clear-groups", "cat").start();
        try {
            sleeper.getOutputStream().write('x');
            sleeper.getOutputStream().flush();
            assertThat(sleeper.getInputStream().read()).isEqualTo('x');
            Set<Integer> given = new HashSet<>();
            try (MachineUser first = claim();
                    MachineUser second = claim()) {
                given.add(first.number());
                given.add(second.number());
                assertThatThrownBy(this::claim).isInstanceOf(FcvmException.class);
            }
            assertThat(given).containsExactlyInAnyOrder(1_999_999_000, 1_999_999_002);
        } finally {
            sleeper.destroyForcibly().waitFor();
        }
    }

    private MachineUser claim() throws Exception {
        return MachineUser.claim(MachineId.random(), THREE, claims);
    }

    private long claimFiles() throws Exception {
        try (Stream<Path> files = Files.list(claims)) {
            return files.filter(file -> !file.endsWith("lock")).count();
        }
    }
}
