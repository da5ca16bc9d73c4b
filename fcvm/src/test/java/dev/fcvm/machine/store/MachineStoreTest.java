package dev.fcvm.machine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.settings.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines as files: their directories, their locks and their names. */
class MachineStoreTest {

    private static final Clock CLOCK = TestMachines.CLOCK;
    private static final Optional<MachineName> WEB = Optional.of(new MachineName("web"));

    @TempDir
    Path directory;

    private Directories directories;
    private MachineStore store;

    @BeforeEach
    void open() throws Exception {
        directories = new Directories(directory.resolve("data"), directory.resolve("run"));
        store = MachineStore.open(directories);
    }

    @Test
    void shouldOpenItsDirectoriesToTheirOwnerOnly() throws Exception {
        try (OwnedMachine machine = store.create(WEB)) {
            for (Path made : List.of(
                    directories.machines(),
                    directories.names(),
                    directories.runtime(),
                    machine.files().directory(),
                    machine.files().sockets())) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                        .isEqualTo("rwx------");
            }
        }
    }

    @Test
    void shouldRefuseADirectoryThatIsASymbolicLink() throws Exception {
        Path other = Files.createDirectory(directory.resolve("other"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), other);

        assertThatThrownBy(() -> MachineStore.open(new Directories(directory.resolve("data"), link)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("is a symbolic link");
    }

    @Test
    void shouldLeaveNothingWhenAMachineIsClosed() throws Exception {
        store.create(WEB).close();

        assertThat(directories.machines()).isEmptyDirectory();
        assertThat(directories.names()).isEmptyDirectory();
        assertThat(directories.runtime()).isEmptyDirectory();
    }

    @Test
    void shouldGiveANameToOneMachineOnly() throws Exception {
        try (OwnedMachine first = store.create(WEB)) {
            assertThatThrownBy(() -> store.create(WEB))
                    .isInstanceOf(FcvmException.class)
                    .hasMessageContaining("the name \"web\" is already in use by machine "
                            + first.files().id().brief())
                    .hasMessageContaining("fcvm rm web");
            assertThat(directories.machines())
                    .isDirectoryContaining("glob:**/" + first.files().id());
            try (Stream<Path> machines = Files.list(directories.machines())) {
                assertThat(machines).hasSize(1);
            }
        }
        store.create(WEB).close();
    }

    @Test
    void shouldReadAMachineAgainOnlyWhenItsFilesAreOthers() throws Exception {
        MachineState.Preparing preparing = new MachineState.Preparing(CLOCK.instant());
        try (OwnedMachine machine = store.create(WEB)) {
            machine.write(TestMachines.spec(machine, true));
            machine.write(preparing.created(CLOCK.instant()));
            StoredMachine first = store.find("web");
            assertThat(store.find("web"))
                    .as("too young to be sure of")
                    .isEqualTo(first)
                    .isNotSameAs(first);

            for (Path file : List.of(machine.files().spec(), machine.files().state())) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
            }
            StoredMachine settled = store.find("web");
            assertThat(store.find(machine.files().id().brief())).isSameAs(settled);
            assertThat(store.list()).singleElement().isSameAs(settled);

            machine.write(new MachineState.Exited(3, false, Optional.empty(), CLOCK.instant()));
            Files.setLastModifiedTime(machine.files().state(), FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
            assertThat(store.find("web").state()).isInstanceOf(MachineState.Exited.class);
        }
        assertThat(store.list()).isEmpty();
    }

    @Test
    void shouldKeepAStoppedMachineAndItsNameUntilItIsRemoved() throws Exception {
        try (OwnedMachine machine = store.create(WEB)) {
            machine.write(TestMachines.spec(machine, true));
            machine.write(new MachineState.Exited(3, true, Optional.empty(), CLOCK.instant()));
            machine.keep();
        }

        StoredMachine found = store.find("web");
        assertThat(found.state()).isEqualTo(new MachineState.Exited(3, true, Optional.empty(), CLOCK.instant()));
        assertThat(store.find(found.files().id().brief())).isEqualTo(found);
        assertThatThrownBy(() -> store.create(WEB)).hasMessageContaining("already in use");

        new Removal(TestMachines.world(store, directories)).remove(found, false);
        assertThatThrownBy(() -> store.find("web")).hasMessageContaining("there is no machine \"web\"");
        store.create(WEB).close();
    }

    @Test
    void shouldTakeANameWhoseMachineIsGone() throws Exception {
        Files.writeString(directories.names().resolve("web"), "0123456789abcdef0123456789abcdef\n");
        Files.writeString(directories.names().resolve("half"), "");

        store.create(WEB).close();
        store.create(Optional.of(new MachineName("half"))).close();

        assertThat(directories.names()).isEmptyDirectory();
    }

    @Test
    void shouldShowADamagedMachineSoThatItCanBeRemoved() throws Exception {
        Path damaged = Files.createDirectory(directories.machines().resolve("0123456789abcdef0123456789abcdef"));
        Files.writeString(damaged.resolve("spec.json"), "{\"version\":");
        Files.writeString(damaged.resolve("state.json"), "{}");

        StoredMachine machine = store.find("0123456789ab");
        assertThat(machine.spec()).isEmpty();
        assertThat(machine.state()).isInstanceOf(MachineState.Failed.class);
        new Removal(TestMachines.world(store, directories)).remove(machine, false);

        assertThat(damaged).doesNotExist();
    }

    @Test
    void shouldGiveAMachineANameThatNobodyHasAndItsFormerOneToWhoeverWantsIt() throws Exception {
        try (OwnedMachine machine = store.create(WEB);
                OwnedMachine other = store.create(Optional.of(new MachineName("other")))) {
            MachineSpec spec = TestMachines.spec(machine, true);
            machine.write(spec);

            assertThatThrownBy(() -> machine.rename(spec, new MachineName("other")))
                    .hasMessageContaining(
                            "already in use by machine " + other.files().id().brief());
            assertThat(store.find("web").files()).isEqualTo(machine.files());

            assertThat(machine.rename(spec, new MachineName("site")).container())
                    .isEqualTo("web");
            assertThat(store.find("site").name()).hasToString("site");
            assertThatThrownBy(() -> store.find("web")).hasMessageContaining("there is no machine");
            store.create(WEB).close();
        }
        assertThatThrownBy(() -> store.find("site")).hasMessageContaining("there is no machine");
        assertThat(directories.names()).isEmptyDirectory();
    }

    @Test
    void shouldFinishARenamingThatWasKilledBetweenTheNameAndTheMachine() throws Exception {
        try (OwnedMachine machine = store.create(WEB)) {
            MachineSpec spec = TestMachines.spec(machine, true);
            machine.write(spec);
            Files.writeString(
                    directories.names().resolve("site"), machine.files().id().value() + "\n");

            machine.rename(spec, new MachineName("site"));

            assertThat(store.find("site").files()).isEqualTo(machine.files());
        }
    }
}
