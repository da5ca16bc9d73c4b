package dev.fcvm.machine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.event.EventLog;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.Readiness;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.settings.Directories;
import dev.fcvm.vmm.RateLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineStoreTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
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
            machine.write(spec(machine, true));
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
            machine.write(spec(machine, true));
            machine.write(new MachineState.Exited(3, true, Optional.empty(), CLOCK.instant()));
            machine.keep();
        }

        StoredMachine found = store.find("web");
        assertThat(found.state()).isEqualTo(new MachineState.Exited(3, true, Optional.empty(), CLOCK.instant()));
        assertThat(store.find(found.files().id().brief())).isEqualTo(found);
        assertThatThrownBy(() -> store.create(WEB)).hasMessageContaining("already in use");

        new Removal(world()).remove(found, false);
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
        new Removal(world()).remove(machine, false);

        assertThat(damaged).doesNotExist();
    }

    @Test
    void shouldSweepAwayWhatAKilledRunWithRmHasLeft() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(spec(machine, false));
        machine.write(new MachineState.Preparing(CLOCK.instant()).booting(CLOCK.instant()));
        Files.writeString(machine.files().sockets().resolve("qmp.sock"), "");
        letGo(machine);

        assertThat(new Sweep(store, CLOCK).find()).hasSize(1);
        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail))
                .containsExactly(new Sweep.Leftover("web", machine.files().id().brief(), true));

        assertThat(directories.machines()).isEmptyDirectory();
        assertThat(directories.names()).isEmptyDirectory();
        assertThat(directories.runtime()).isEmptyDirectory();
    }

    @Test
    void shouldNotLookSupervisedBecauseSomebodyLooksAtIt() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(spec(machine, true));
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        letGo(machine);
        StoredMachine left = store.find("web");
        var done = new AtomicBoolean();
        CompletableFuture<Integer> looking = CompletableFuture.supplyAsync(() -> {
            int looks = 0;
            while (!done.get()) {
                try {
                    new Sweep(store, CLOCK).isOwned(left);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
                looks++;
            }
            return looks;
        });
        try {
            for (int time = 0; time < 300; time++) {
                letGo(store.adopt(left).orElseThrow());
            }
        } finally {
            done.set(true);
        }
        assertThat(looking.get(20, TimeUnit.SECONDS)).isPositive();
        new Removal(world()).remove(left, false);
    }

    @Test
    void shouldSweepAMachineWithoutASpecAway() throws Exception {
        OwnedMachine machine = store.create(WEB);
        letGo(machine);

        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail)).hasSize(1);
        assertThat(directories.machines()).isEmptyDirectory();
    }

    @Test
    void shouldKeepAKilledMachineThatWasToBeKeptAndSayWhatHappened() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(spec(machine, true));
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        letGo(machine);

        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail))
                .hasSize(1)
                .allMatch(leftover -> !leftover.removed());

        assertThat(store.find("web").state())
                .isEqualTo(new MachineState.Failed("the fcvm process that supervised it was killed", CLOCK.instant()));
        assertThat(directories.runtime()).isEmptyDirectory();
        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail)).isEmpty();
    }

    @Test
    void shouldTakeBackWhatAMachineHasThatEndedJustBeforeItsSupervisorWasKilled() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(spec(machine, true));
        machine.write(new MachineState.Exited(0, false, Optional.empty(), CLOCK.instant()));
        Path claim = claimOfAVolume(machine);
        letGo(machine);

        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail)).isEmpty();

        assertThat(claim).doesNotExist();
        assertThat(machine.files().journal()).doesNotExist();
        assertThat(store.find("web").state()).isInstanceOf(MachineState.Exited.class);
    }

    /** Something a machine has on the host, as its journal has it. */
    private Path claimOfAVolume(OwnedMachine machine) throws IOException {
        String id = machine.files().id().value();
        Path volume = directories.volumes().resolve("data");
        Files.createDirectories(volume.resolve("machines"));
        Files.writeString(machine.files().journal(), """
                {"acquire":1,"kind":"volume","fields":{"directory":"%s","machine":"%s"}}
                """.formatted(volume, id));
        return Files.writeString(
                volume.resolve("machines").resolve(id), "rw\n" + machine.files().journal() + "\n");
    }

    @Test
    void shouldEndTheProcessesOfAKilledMachine() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        var builder = new ProcessBuilder("sleep", "1000");
        builder.environment().put("FCVM_MACHINE_ID", machine.files().id().value());
        Process orphan = builder.start();
        letGo(machine);

        new Sweep(store, CLOCK).run(MachineStoreTest::fail);

        assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(orphan.exitValue()).isEqualTo(137);
    }

    @Test
    void shouldTryAgainToTakeBackWhatCouldNotBe() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        Path journal = machine.files().journal();
        Files.writeString(journal, """
                {"acquire":1,"kind":"cgroup","fields":{"directory":"/sys/fs/cgroup/somebody-elses"}}
                """);
        letGo(machine);
        OwnedMachine other = store.create(Optional.of(new MachineName("other")));
        letGo(other);

        List<FcvmException> failures = new ArrayList<>();
        assertThat(new Sweep(store, CLOCK).run(failures::add))
                .extracting(Sweep.Leftover::id)
                .containsExactly(other.files().id().brief());
        assertThat(failures).singleElement().asString().contains("it is no machine's cgroup");
        assertThat(store.find(machine.files().id().value()).state()).isInstanceOf(MachineState.Running.class);

        Files.delete(journal);
        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail)).hasSize(1);
        assertThat(directories.machines()).isEmptyDirectory();
    }

    private static void fail(FcvmException failure) {
        throw new AssertionError("a machine could not be cleared away", failure);
    }

    @Test
    void shouldLeaveAMachineAloneThatAnotherProcessSupervises() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        letGo(machine);
        StoredMachine stored = store.find(machine.files().id().value());
        Process supervisor = LockChild.start(machine.files().lock());
        try {
            assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail)).isEmpty();
            assertThat(MachineView.all(store, CLOCK))
                    .allMatch(MachineView::live)
                    .noneMatch(MachineView::isAbandoned);
            assertThatThrownBy(() -> new Removal(world()).remove(stored, false))
                    .isInstanceOf(FcvmException.class)
                    .hasMessageContaining("is running");
        } finally {
            supervisor.destroyForcibly().waitFor();
        }

        // What it started may run still, so it is shown by a plain ps.
        assertThat(MachineView.all(store, CLOCK)).allMatch(MachineView::live).allMatch(MachineView::isAbandoned);
        assertThat(new Sweep(store, CLOCK).run(MachineStoreTest::fail)).hasSize(1);
    }

    @Test
    void shouldEndForWhoeverWaitsWhenItIsGivenUpBeforeItWasStarted() throws Exception {
        OwnedMachine owned = store.create(WEB);
        var created = new MachineState.Preparing(CLOCK.instant()).created(CLOCK.instant());
        var machine = new LiveMachine(world(), owned, spec(owned, true), created, () -> {});

        machine.letGo();
        machine.release(true);

        assertThat(machine.ended()).isCompletedWithValue(new RunEnd.CalledOff());
        assertThat(machine.started()).isCompletedWithValue(false);
        assertThat(store.list()).hasSize(1);
    }

    private World world() {
        return new World(
                store,
                new EventLog(directories.data()),
                new ExitRecords(directories.data().resolve("exits"), CLOCK),
                CLOCK,
                line -> {});
    }

    private static void letGo(OwnedMachine machine) throws FcvmException {
        machine.letGo();
        machine.close();
    }

    private static MachineSpec spec(OwnedMachine machine, boolean keep) {
        return new MachineSpec(
                MachineSpec.VERSION,
                machine.files().id().value(),
                machine.name().value(),
                CLOCK.instant().toString(),
                "alpine",
                "sha256:0",
                "0",
                "/store/disk",
                "qemu",
                false,
                "rootless",
                1,
                512,
                0,
                "box",
                keep,
                false,
                false,
                15,
                10,
                OutputLog.DEFAULT_LIMIT,
                "",
                List.of(),
                "tiny",
                NetworkRequestDocument.of(NetworkRequest.without(GuestNames.HOSTS)),
                MachineSpec.Rates.of(RateLimits.NONE),
                List.of("a=b"),
                List.of("--rm"),
                List.of("true"),
                List.of(),
                List.of(),
                new Readiness("", "", false),
                0);
    }
}
