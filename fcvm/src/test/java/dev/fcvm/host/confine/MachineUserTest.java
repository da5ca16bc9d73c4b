package dev.fcvm.host.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.user.UserRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
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
        Journal first = journal();
        Journal second = journal();
        Journal third = journal();
        assertThat(Set.of(
                        claim(first).number(),
                        claim(second).number(),
                        claim(third).number()))
                .containsExactlyInAnyOrder(1_999_999_000, 1_999_999_001, 1_999_999_002);
        assertThatThrownBy(() -> claim(journal()))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("FCVM_JAILER_UIDS");
        second.releaseAll();
        Journal again = journal();
        assertThat(claim(again).number()).isBetween(THREE.first(), THREE.last());
        for (Journal each : List.of(first, third, again)) {
            each.releaseAll();
        }
        assertThat(claimFiles()).isZero();
    }

    @Test
    void shouldTakeBackTheClaimsOfMachinesThatAreGone() throws Exception {
        Files.createDirectories(claims);
        Files.writeString(claims.resolve("1999999000"), directory.resolve("gone/journal") + "\n");
        Files.createFile(claims.resolve("1999999001")); // of somebody who was killed while he made it
        Files.writeString(claims.resolve("1999999002"), directory.resolve("gone/journal") + "\n");
        Set<Integer> given = new HashSet<>();
        for (int i = 0; i < THREE.size(); i++) {
            given.add(claim(journal()).number());
        }
        assertThat(given).as("all, each once").hasSize(THREE.size());
    }

    @Test
    void shouldLeaveAUserAloneWhoIsAnotherMachinesByNow() throws Exception {
        Journal killed = journal();
        MachineUser user = claim(killed);
        Files.delete(user.claim()); // as if the process had been killed before it made the claim
        Files.writeString(user.claim(), directory.resolve("another") + "\n");
        Journal.open(killed.file(), List.of(MachineUser.KIND)).releaseAll();
        assertThat(user.claim()).exists();
        assertThat(killed.file()).doesNotExist();
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
            given.add(claim(journal()).number());
            given.add(claim(journal()).number());
            assertThatThrownBy(() -> claim(journal())).isInstanceOf(FcvmException.class);
            assertThat(given).containsExactlyInAnyOrder(1_999_999_000, 1_999_999_002);
        } finally {
            sleeper.destroyForcibly().waitFor();
        }
    }

    private MachineUser claim(Journal journal) throws Exception {
        return MachineUser.claim(MachineId.random(), THREE, MachineUser.Purpose.MONITOR, journal, claims);
    }

    private Journal journal() throws Exception {
        Path machine =
                Files.createDirectory(directory.resolve(MachineId.random().value()));
        return Journal.open(machine.resolve("journal"), List.of(MachineUser.KIND));
    }

    private long claimFiles() throws Exception {
        try (Stream<Path> files = Files.list(claims)) {
            return files.filter(file -> !file.endsWith("lock")).count();
        }
    }
}
