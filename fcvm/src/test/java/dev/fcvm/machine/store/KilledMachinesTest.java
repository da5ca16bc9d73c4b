package dev.fcvm.machine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.settings.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of machines whose supervisor was killed. */
class KilledMachinesTest {

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
    void shouldSweepAwayANameWhoseMachineIsGone() throws Exception {
        OwnedMachine machine = store.create(WEB);
        Files.writeString(directories.names().resolve("gone"), "0".repeat(32) + "\n");
        Files.writeString(directories.names().resolve("torn"), "");

        new Sweep(store, CLOCK).run(KilledMachinesTest::fail);

        assertThat(directories.names()).isDirectoryContaining("glob:**/web");
        assertThat(directories.names().toFile().list()).hasSize(1);
        machine.close();
    }

    @Test
    void shouldSweepAwayWhatAKilledRunWithRmHasLeft() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(TestMachines.spec(machine, false));
        machine.write(new MachineState.Preparing(CLOCK.instant()).booting(CLOCK.instant()));
        Files.writeString(machine.files().sockets().resolve("qmp.sock"), "");
        TestMachines.letGo(machine);

        assertThat(new Sweep(store, CLOCK).find()).hasSize(1);
        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail))
                .containsExactly(new Sweep.Leftover("web", machine.files().id().brief(), true));

        assertThat(directories.machines()).isEmptyDirectory();
        assertThat(directories.names()).isEmptyDirectory();
        assertThat(directories.runtime()).isEmptyDirectory();
    }

    @Test
    void shouldShowNothingOfWhatWaitsInAPoolAndSweepItAwayWhenItsKeeperIsGone() throws Exception {
        OwnedMachine waiting = store.createPooled();
        OwnedMachine taken = store.createPooled();
        waiting.write(new MachineState.Preparing(CLOCK.instant()));
        taken.write(TestMachines.spec(taken, true));
        assertThat(store.list())
                .extracting(machine -> machine.files().id())
                .as("it is somebody's when what it is is written down")
                .containsExactly(taken.files().id());
        assertThatThrownBy(() -> store.find(waiting.files().id().value())).hasMessageContaining("there is no machine");
        assertThatThrownBy(() -> store.find(waiting.name().value())).hasMessageContaining("there is no machine");
        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail))
                .as("its keeper lives")
                .isEmpty();
        taken.close();
        TestMachines.letGo(waiting);

        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail))
                .as("nobody has seen it")
                .isEmpty();
        assertThat(directories.machines()).isEmptyDirectory();
        assertThat(directories.names()).isEmptyDirectory();
    }

    @Test
    void shouldNotLookSupervisedBecauseSomebodyLooksAtIt() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(TestMachines.spec(machine, true));
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        TestMachines.letGo(machine);
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
                TestMachines.letGo(store.adopt(left).orElseThrow());
            }
        } finally {
            done.set(true);
        }
        assertThat(looking.get(20, TimeUnit.SECONDS)).isPositive();
        new Removal(TestMachines.world(store, directories)).remove(left, false);
    }

    @Test
    void shouldSweepAMachineWithoutASpecAway() throws Exception {
        OwnedMachine machine = store.create(WEB);
        TestMachines.letGo(machine);

        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail)).hasSize(1);
        assertThat(directories.machines()).isEmptyDirectory();
    }

    @Test
    void shouldKeepAKilledMachineThatWasToBeKeptAndSayWhatHappened() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(TestMachines.spec(machine, true));
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        TestMachines.letGo(machine);

        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail))
                .hasSize(1)
                .allMatch(leftover -> !leftover.removed());

        assertThat(store.find("web").state())
                .isEqualTo(new MachineState.Failed("the fcvm process that supervised it was killed", CLOCK.instant()));
        assertThat(directories.runtime()).isEmptyDirectory();
        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail)).isEmpty();
    }

    @Test
    void shouldTakeBackWhatAMachineHasThatEndedJustBeforeItsSupervisorWasKilled() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(TestMachines.spec(machine, true));
        machine.write(new MachineState.Exited(0, false, Optional.empty(), CLOCK.instant()));
        Path claim = claimOfAVolume(machine);
        TestMachines.letGo(machine);

        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail)).isEmpty();

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
        TestMachines.letGo(machine);

        new Sweep(store, CLOCK).run(KilledMachinesTest::fail);

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
        TestMachines.letGo(machine);
        OwnedMachine other = store.create(Optional.of(new MachineName("other")));
        TestMachines.letGo(other);

        List<FcvmException> failures = new ArrayList<>();
        assertThat(new Sweep(store, CLOCK).run(failures::add))
                .extracting(Sweep.Leftover::id)
                .containsExactly(other.files().id().brief());
        assertThat(failures).singleElement().asString().contains("it is no machine's cgroup");
        assertThat(store.find(machine.files().id().value()).state()).isInstanceOf(MachineState.Running.class);

        Files.delete(journal);
        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail)).hasSize(1);
        assertThat(directories.machines()).isEmptyDirectory();
    }

    private static void fail(FcvmException failure) {
        throw new AssertionError("a machine could not be cleared away", failure);
    }

    @Test
    void shouldLeaveAMachineAloneThatAnotherProcessSupervises() throws Exception {
        OwnedMachine machine = store.create(WEB);
        machine.write(new MachineState.Running(CLOCK.instant(), CLOCK.instant()));
        TestMachines.letGo(machine);
        StoredMachine stored = store.find(machine.files().id().value());
        Process supervisor = LockChild.start(machine.files().lock());
        try {
            assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail)).isEmpty();
            assertThat(MachineView.all(store, CLOCK))
                    .allMatch(MachineView::live)
                    .noneMatch(MachineView::isAbandoned);
            assertThatThrownBy(() -> new Removal(TestMachines.world(store, directories)).remove(stored, false))
                    .isInstanceOf(FcvmException.class)
                    .hasMessageContaining("is running");
        } finally {
            supervisor.destroyForcibly().waitFor();
        }

        // What it started may run still, so it is shown by a plain ps.
        assertThat(MachineView.all(store, CLOCK)).allMatch(MachineView::live).allMatch(MachineView::isAbandoned);
        assertThat(new Sweep(store, CLOCK).run(KilledMachinesTest::fail)).hasSize(1);
    }

    @Test
    void shouldEndForWhoeverWaitsWhenItIsGivenUpBeforeItWasStarted() throws Exception {
        OwnedMachine owned = store.create(WEB);
        var created = new MachineState.Preparing(CLOCK.instant()).created(CLOCK.instant());
        var machine = new LiveMachine(
                TestMachines.world(store, directories), owned, TestMachines.spec(owned, true), created, () -> {});

        machine.letGo();
        machine.release(true);

        assertThat(machine.ended()).isCompletedWithValue(new RunEnd.CalledOff());
        assertThat(machine.started()).isCompletedWithValue(false);
        assertThat(store.list()).hasSize(1);
    }
}
