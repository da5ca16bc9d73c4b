package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.Balloon;
import dev.fcvm.vmm.firecracker.api.BalloonStatistics;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.Entropy;
import dev.fcvm.vmm.firecracker.api.Instance;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.Metrics;
import dev.fcvm.vmm.firecracker.api.MmdsConfig;
import dev.fcvm.vmm.firecracker.api.RateLimiter;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.TokenBucket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a genuine Firecracker takes and refuses of a machine that runs, with a real guest. */
@MachineTest
@Timeout(120)
final class FirecrackerRunningTest {

    private static final String AFTER = "The requested operation is not supported after starting the microVM.";

    @Test
    void shouldRefuseToConfigureAMachineThatRuns(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        VmSpec spec = guest.doing("hang");
        try (FirecrackerVm machine = boot(spec)) {
            assertRefused(
                    machine, new BootSource(guest.kernel().toString(), Optional.empty(), Optional.empty()), AFTER);
            assertRefused(machine, MachineConfig.of(1, MemorySize.ofMebibytes(128)), AFTER);
            assertRefused(machine, MmdsConfig.on("eth0"), AFTER);
        }
    }

    @Test
    void shouldPutAnotherImageIntoADiskAndRefuseWhatADiskDoesNotHave(Place place) throws Exception {
        Path first = Files.write(place.root().resolve("first.img"), new byte[1 << 20]);
        VmSpec spec = Genuine.guest(place).doing("hang", List.of(new VmSpec.Drive(first, true)));
        Path second = Files.write(spec.exchange().orElseThrow().resolve("second.img"), new byte[1 << 20]);
        try (FirecrackerVm machine = boot(spec)) {
            machine.call(Drive.Update.toImage("disk0", "/exchange/second.img"));
            assertThat(Processes.hasOpen(machine.pid(), second)).isTrue();
            assertThat(Processes.hasOpen(machine.pid(), first)).isFalse();
            machine.call(new Drive.Update(
                    "disk0", Optional.empty(), Optional.of(RateLimiter.ofBytes(TokenBucket.perSecond(10 << 20)))));
            assertRefused(
                    machine,
                    new ApiProcess.Raw("PATCH", "/drives/disk0", "{\"drive_id\":\"disk0\",\"is_read_only\":true}"),
                    "unknown field `is_read_only`");
            assertRefused(
                    machine,
                    new Drive.Update("disk0", Optional.empty(), Optional.empty()),
                    "Running method expected different backend.");
        }
    }

    @Test
    void shouldStartAMachineWhoseMemoryWasTooMuchAtFirst(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            firecracker
                    .does(new BootSource(
                            guest.kernel().toString(),
                            Optional.of(guest.initramfs().toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=hang")))
                    .does(MachineConfig.of(1, MemorySize.ofMebibytes(1L << 31)));
            assertThat(firecracker.refuses(Action.START))
                    // musl's words for it in a release, glibc's in a build of one's own.
                    .containsAnyOf(
                            "Cannot create mmap region: Out of memory (os error 12)",
                            "Cannot create mmap region: Cannot allocate memory (os error 12)");
            firecracker.does(MachineConfig.of(1, MemorySize.ofMebibytes(256))).does(Action.START);
            firecracker.process().awaitOut("guest: end");
        }
    }

    @Test
    void shouldTellTheStateOfAMachineAndSetItTwice(Place place) throws Exception {
        VmSpec spec = Genuine.guest(place).doing("hang");
        try (FirecrackerVm machine = boot(spec)) {
            assertThat(machine.ask(new Instance.Ask()))
                    .isEqualTo(new Instance(
                            "Firecracker",
                            spec.id().value(),
                            "Running",
                            machine.version().toString()));
            for (int time = 0; time < 2; time++) {
                machine.pause();
                assertThat(machine.ask(new Instance.Ask()).state()).isEqualTo("Paused");
            }
            for (int time = 0; time < 2; time++) {
                machine.resume();
                assertThat(machine.ask(new Instance.Ask()).state()).isEqualTo("Running");
            }
        }
    }

    @Test
    void shouldMakeNoSnapshotOfAMachineThatRuns(Place place) throws Exception {
        try (FirecrackerVm machine = boot(Genuine.guest(place).doing("hang"))) {
            assertRefused(
                    machine,
                    new SnapshotCreate(
                            place.root().resolve("state").toString(),
                            place.root().resolve("memory").toString(),
                            Optional.empty()),
                    "save/restore unavailable while running");
        }
    }

    @Test
    void shouldHaveABalloonAndItsStatisticsAndASourceOfRandomBytesAndMetrics(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        Path metrics = Files.createFile(place.root().resolve("metrics"));
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            firecracker
                    .does(Metrics.to(metrics.toString()))
                    .does(new BootSource(
                            guest.kernel().toString(),
                            Optional.of(guest.initramfs().toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=hang")))
                    .does(MachineConfig.of(1, MemorySize.ofMebibytes(256)))
                    .does(new Entropy(Optional.empty()))
                    .does(new Balloon(
                            MemorySize.ofMebibytes(0), true, Duration.ofSeconds(1), Optional.empty(), Optional.empty()))
                    .does(Action.START);
            firecracker.process().awaitOut("guest: end");
            firecracker.does(new Balloon.Resize(MemorySize.ofMebibytes(64)));
            assertThat(firecracker.api().ask(new Balloon.Ask()).amount()).isEqualTo(MemorySize.ofMebibytes(64));
            assertThat(firecracker.api().ask(new BalloonStatistics.Ask()).target())
                    .isEqualTo(MemorySize.ofMebibytes(64));
            firecracker.does(new BalloonStatistics.Interval(Duration.ofSeconds(2)));
            assertThat(firecracker.refuses(new BalloonStatistics.Interval(Duration.ZERO)))
                    .endsWith("Statistics cannot be enabled/disabled after activation.");
            firecracker.does(new Action(Action.Type.FLUSH_METRICS));
            assertThat(Files.readString(metrics)).contains("\"balloon\"", "\"utc_timestamp_ms\"");
        }
    }

    @Test
    void shouldTakeCtrlAltDelAndRunOn(Place place) throws Exception {
        try (FirecrackerVm machine = boot(Genuine.guest(place).doing("hang"))) {
            machine.call(new Action(Action.Type.SEND_CTRL_ALT_DEL));
            assertThat(machine.ask(new Instance.Ask()).state()).isEqualTo("Running");
        }
    }

    private static FirecrackerVm boot(VmSpec spec) throws Exception {
        FirecrackerVm machine = Boots.boot(Genuine.monitor(), spec);
        Consoles.await(machine, "guest: end", VmmContract.PATIENCE);
        return machine;
    }

    private static void assertRefused(FirecrackerVm machine, ApiCall call, String words) {
        assertThatThrownBy(() -> machine.call(call))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("the machine does not obey: firecracker could not ")
                .hasMessageContaining(words);
    }
}
