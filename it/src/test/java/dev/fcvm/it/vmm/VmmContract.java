package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every monitor keeps, tested on real machines. */
@MachineTest
@Timeout(180)
abstract class VmmContract {

    /** A guest begins after some seconds at most, and this host may be busy. */
    static final Duration PATIENCE = Fcvm.BOOT;

    Place place = new Place(Path.of("/nonexistent"));

    /** Returns the monitor; aborts the test, saying why, where it cannot be had. */
    abstract Vmm vmm();

    /** Returns the same monitor with another program in the place of its own. */
    abstract Vmm vmm(Path program);

    /** Makes the guest's files. */
    abstract Guest guest() throws IOException;

    /** Aborts the test, saying why, where a pause is known to cost the link. */
    void assumeKeepsItsLinkInAPause(RunningVm machine) {}

    /** Returns the network cards of a guest whose machine has no network: one may lead to its plan. */
    abstract List<String> networks();

    @BeforeEach
    void take(Place given) {
        place = given;
    }

    @Test
    void shouldKeepWhatTheGuestSaysInAHarmlessForm() throws Exception {
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("escapes"))) {
            String said = Consoles.await(machine, "guest: end", PATIENCE);
            assertThat(said).contains("guest: begin escapes\n", "guest: red bell\ufffd \ufffdend\nguest: end");
            assertThat(machine.consoleTail(1)).isEqualTo("guest: end");
        }
    }

    @Test
    void shouldTellThatTheGuestSwitchedOff() throws Exception {
        assertThat(exitAfter("poweroff")).isInstanceOf(VmExit.PoweredOff.class);
    }

    @Test
    void shouldTellThatTheGuestResetItself() throws Exception {
        assertThat(exitAfter("reset")).isInstanceOf(VmExit.Reset.class);
    }

    @Test
    void shouldTellThatTheGuestsKernelPanicked() throws Exception {
        assertThat(exitAfter("panic")).isInstanceOf(VmExit.Panicked.class);
    }

    @Test
    void shouldLeaveNothingWhenItIsClosedWhileTheGuestRuns() throws Exception {
        VmSpec spec = guest().doing("hang");
        RunningVm machine = Boots.boot(vmm(), spec);
        Consoles.await(machine, "guest: end", PATIENCE);
        assertThat(new MachineProcesses(spec.id()).living())
                .as("the monitor, what waits for it outside its PID namespace, and what keeps its output")
                .extracting(ProcessHandle::pid)
                .contains(
                        machine.pid(),
                        machine.handle().warden().pid(),
                        machine.handle().keeper().pid());
        machine.close();
        machine.close();
        assertThat(machine.awaitExit(PATIENCE)).containsInstanceOf(VmExit.Killed.class);
        assertNothingLeft(spec);
        assertThat(machine.consoleTail(1)).isEqualTo("guest: end");
    }

    @Test
    void shouldTellThatSomebodyKilledTheMonitor() throws Exception {
        VmSpec spec = guest().doing("hang");
        try (RunningVm machine = Boots.boot(vmm(), spec)) {
            Consoles.await(machine, "guest: end", PATIENCE);
            assertThat(machine.awaitExit(Duration.ZERO)).isEmpty();
            new MachineProcesses(spec.id()).killAll();
            assertThat(machine.awaitExit(PATIENCE))
                    .hasValueSatisfying(exit -> assertThat(exit)
                            .isInstanceOfSatisfying(
                                    VmExit.MonitorFailed.class,
                                    failed -> assertThat(failed.exitCode()).isEqualTo(128 + 9)));
            assertThatThrownBy(machine::dialAgent).isInstanceOf(IOException.class);
        }
        assertNothingLeft(spec);
    }

    @Test
    void shouldStopAndGoOn() throws Exception {
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("ticks"))) {
            Consoles.await(machine, "guest: tick 3", PATIENCE);
            machine.pause();
            machine.pause();
            String before = machine.consoleText();
            // Nothing to wait for: that nothing happens is what is seen, for twenty ticks' time.
            assertThat(machine.awaitExit(Duration.ofSeconds(1))).isEmpty();
            String after = machine.consoleText();
            assertThat(after).startsWith(before);
            assertThat(after.length() - before.length()).isLessThan("guest: tick 1000\n".length() * 3);
            machine.resume();
            machine.resume();
            // Where KVM is emulated a pause often falls into a line.
            String whole = after.substring(0, after.lastIndexOf('\n'));
            int last = Integer.parseInt(
                    whole.substring(whole.lastIndexOf("tick ") + 5).strip());
            Consoles.await(machine, "guest: tick " + (last + 5) + "\n", PATIENCE);
        }
    }

    @Test
    void shouldCarryEveryByteOverTheAgentsChannelAndOverTheNextOne() throws Exception {
        // Dialled before the guest has begun: the channel stands, and what is written waits; or it stands only then.
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("echo"))) {
            for (int session = 0; session < 2; session++) {
                try (Echo echo = Echo.over(machine.dialAgent())) {
                    echo.exchange(1 << 20);
                }
            }
        }
    }

    @Test
    void shouldKeepTheAgentsChannelUnderLoadThroughAPause() throws Exception {
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("echo"))) {
            assumeKeepsItsLinkInAPause(machine);
            try (Echo echo = Echo.over(machine.dialAgent())) {
                echo.exchange(64 << 10);
                try (Echo.Load load = echo.load()) {
                    for (int pause = 0; pause < 3; pause++) {
                        load.awaitMore(256 << 10);
                        machine.pause();
                        long settled = load.awaitStandstill();
                        // Nothing to wait for: that nothing comes is what is seen.
                        assertThat(machine.awaitExit(Duration.ofMillis(300))).isEmpty();
                        assertThat(load.received()).isEqualTo(settled);
                        machine.resume();
                    }
                    load.awaitMore(256 << 10);
                }
            }
            try (Echo next = Echo.over(machine.dialAgent())) {
                next.exchange(64 << 10);
            }
        }
    }

    @Test
    void shouldGiveTheGuestItsDisksInOrderAndNoNetworkButForItsPlan() throws Exception {
        Path first = disk("first.img", 1 << 20);
        Path second = disk("second.img", 2 << 20);
        var drives = List.of(new VmSpec.Drive(first, true), new VmSpec.Drive(second, false));
        try (RunningVm machine = Boots.boot(vmm(), guest().doing("devices", drives))) {
            String said = Consoles.await(machine, "guest: end", PATIENCE);
            assertThat(said).contains("guest: disk vda 2048 1\n", "guest: disk vdb 4096 0\n");
            assertThat(said.lines().filter(line -> line.startsWith("guest: network ") && !line.contains("dummy")))
                    .containsExactlyInAnyOrderElementsOf(networks().stream()
                            .map(name -> "guest: network " + name)
                            .toList());
        }
    }

    @Test
    void shouldRunTwoMachinesAtOnce() throws Exception {
        Guest guest = guest();
        try (RunningVm first = Boots.boot(vmm(), guest.doing("ticks"));
                RunningVm second = Boots.boot(vmm(), guest.doing("reset"))) {
            assertThat(second.awaitExit(PATIENCE)).containsInstanceOf(VmExit.Reset.class);
            Consoles.await(first, "guest: tick 5", PATIENCE);
        }
    }

    @Test
    void shouldSeparateTheMonitorFromTheHostAlsoWhenRootRunsIt() throws Exception {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may do without a user namespace");
        VmSpec rootless = guest().doing("hang");
        VmSpec privileged = VmStarter.isolated(rootless, VmSpec.Isolation.PRIVILEGED);
        for (VmSpec spec : List.of(rootless, privileged)) {
            try (RunningVm machine = Boots.boot(vmm(), spec)) {
                for (String name : List.of("net", "ipc", "uts")) {
                    assertThat(namespace(machine.pid(), name)).isNotEqualTo(namespace("self", name));
                }
                assertThat(namespace(machine.pid(), "user").equals(namespace("self", "user")))
                        .isEqualTo(spec.isolation() == VmSpec.Isolation.PRIVILEGED);
            }
        }
    }

    @Test
    void shouldOutliveItsStarterAndObeyWhoeverTakesItOver() throws Exception {
        List<VmSpec.Isolation> isolations =
                Child.of("id", "-u").run().out().strip().equals("0")
                        ? List.of(VmSpec.Isolation.ROOTLESS, VmSpec.Isolation.PRIVILEGED)
                        : List.of(VmSpec.Isolation.ROOTLESS);
        Guest guest = guest();
        for (VmSpec.Isolation isolation : isolations) {
            Path disk = disk(isolation + ".img", 1 << 20);
            Object owner = Files.getOwner(disk);
            VmSpec spec = VmStarter.isolated(guest.doing("echo", List.of(new VmSpec.Drive(disk, false))), isolation);
            VmHandle handle = VmStarter.bootInAProcessThatIsKilled(vmm(), spec);
            RunningVm first = vmm().attach(handle, Boots.journal(spec));
            first.pause();
            first.resume();
            try (Echo echo = Echo.over(first.dialAgent())) {
                echo.exchange(64 << 10);
            }
            first.letGo();
            first.close();
            try (RunningVm second = vmm().attach(handle, Boots.journal(spec))) {
                assertThat(second.consoleText()).contains("guest: begin echo");
                try (Echo echo = Echo.over(second.dialAgent())) {
                    echo.exchange(64 << 10);
                }
                assertThat(second.awaitExit(Duration.ZERO)).isEmpty();
                Child.of("kill", "-9", Long.toString(second.pid())).run().expect(0);
                assertThat(second.awaitExit(PATIENCE))
                        .hasValueSatisfying(exit -> assertThat(exit)
                                .isInstanceOfSatisfying(
                                        VmExit.MonitorFailed.class,
                                        failed -> assertThat(failed.exitCode()).isEqualTo(128 + 9)));
            }
            assertNothingLeft(spec);
            assertThat(Files.getOwner(disk)).isEqualTo(owner);
        }
    }

    @Test
    void shouldTellHowItEndedThoughNobodyWasThere() throws Exception {
        Guest guest = guest();
        for (String test : List.of("poweroff", "panic")) {
            VmSpec spec = guest.doing(test);
            VmHandle handle = VmStarter.bootInAProcessThatIsKilled(vmm(), spec);
            try (RunningVm machine = vmm().attach(handle, Boots.journal(spec))) {
                VmExit exit = machine.awaitExit(PATIENCE).orElseThrow();
                if (test.equals("poweroff")) {
                    assertThat(exit).isInstanceOf(VmExit.PoweredOff.class);
                } else {
                    assertThat(exit).isInstanceOf(VmExit.Panicked.class);
                }
                assertThat(machine.consoleTail(50)).contains("guest: begin " + test);
            }
            assertNothingLeft(spec);
        }
    }

    @Test
    void shouldLeaveNothingOfAMachineWhoseJournalIsReplayed() throws Exception {
        VmSpec spec = guest().doing("hang");
        VmStarter.bootInAProcessThatIsKilled(vmm(), spec);
        assertThat(new MachineProcesses(spec.id()).living()).isNotEmpty();
        Boots.journal(spec).releaseAll();
        assertNothingLeft(spec);
    }

    @Test
    void shouldRefuseAMonitorThatIsMissingOrNotExecutable() throws Exception {
        VmSpec spec = guest().doing("hang");
        Path missing = place.root().resolve("missing");
        assertThatThrownBy(() -> Boots.boot(vmm(missing), spec))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(missing.toString());
        Path plain = place.file("plain", "not a program");
        assertThatThrownBy(() -> Boots.boot(vmm(plain), spec))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(plain + " is not an executable file");
        assertNothingLeft(spec);
    }

    @Test
    void shouldTellTheLastWordsOfAMonitorThatDiesAtOnce() throws Exception {
        VmSpec spec = guest().doing("hang");
        Path dying = place.file("dying", "#!/bin/sh\necho first >&2\necho 'no \033[1mluck\033[0m' >&2\nexit 3\n");
        Child.of("chmod", "755", dying.toString()).run().expect(0);
        assertThatThrownBy(() -> Boots.boot(vmm(dying), spec))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("ended with exit code 3: no luck");
        assertNothingLeft(spec);
    }

    @Test
    void shouldRefuseAKernelThatIsNone() throws Exception {
        VmSpec good = guest().doing("hang");
        Path kernel = place.file("kernel", "no kernel");
        VmSpec spec = new VmSpec(
                good.id(),
                good.directory(),
                good.socketDirectory(),
                kernel,
                good.initramfs(),
                good.bootArguments(),
                good.vcpus(),
                good.memoryMib(),
                good.drives(),
                good.plan(),
                good.isolation());
        assertThatThrownBy(() -> Boots.boot(vmm(), spec))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("kernel");
        assertNothingLeft(spec);
    }

    /** Boots a machine that ends by itself, and checks that it leaves nothing. */
    private VmExit exitAfter(String test) throws Exception {
        VmSpec spec = guest().doing(test);
        VmExit exit;
        try (RunningVm machine = Boots.boot(vmm(), spec)) {
            exit = machine.awaitExit(PATIENCE).orElseThrow(() -> new AssertionError(machine.consoleTail(20)));
            assertThat(machine.consoleTail(50)).contains("guest: begin " + test);
        }
        assertNothingLeft(spec);
        return exit;
    }

    static void assertNothingLeft(VmSpec spec) throws IOException {
        assertThat(new MachineProcesses(spec.id()).living()).isEmpty();
        try (Stream<Path> sockets = Files.list(spec.socketDirectory());
                Stream<Path> files = Files.list(spec.directory())) {
            assertThat(sockets).isEmpty();
            assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf("console.log");
        }
    }

    private Path disk(String name, int size) throws IOException {
        return Files.write(place.root().resolve(name), new byte[size]);
    }

    private static String namespace(Object process, String name) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + process + "/ns/" + name))
                .toString();
    }

    /** Returns where the base's files lie. */
    static Path base() {
        return Fcvm.base();
    }
}
