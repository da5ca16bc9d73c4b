package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm.Patience;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.Instance;
import dev.fcvm.vmm.firecracker.api.KnownFault;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.Mmds;
import dev.fcvm.vmm.firecracker.api.MmdsConfig;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import dev.fcvm.vmm.firecracker.api.VmConfig;
import dev.fcvm.vmm.firecracker.api.VmState;
import dev.fcvm.vmm.firecracker.api.Vsock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots of a genuine Firecracker with a real guest: made, and gone on with in fresh processes. */
@MachineTest
@Timeout(120)
final class FirecrackerSnapshotTest {

    @Test
    void shouldGoOnInTwoFreshProcessesWithTheirOwnDisksAndLinks(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        FirecrackerVmm vmm = Genuine.monitor();
        Path original = disk(place, "original.img");
        SnapshotLoad snapshot;
        int last;
        VmSpec first = guest.doing("echo-ticks", List.of(new VmSpec.Drive(original, false)));
        try (FirecrackerVm machine = Boots.boot(vmm, first);
                Echo echo = Echo.over(machine.dialAgent())) {
            echo.exchange(1 << 20);
            Consoles.await(machine, "guest: tick 5\n", VmmContract.PATIENCE);
            machine.pause();
            snapshot = Snapshots.of(place, first, machine);
            last = lastTick(machine);
            // It can go on itself. What was connected is cut off, which shows when it is used, and can be connected
            // anew.
            machine.resume();
            Consoles.await(machine, "guest: tick " + (last + 3) + "\n", VmmContract.PATIENCE);
            assertThat(read(echo)).isEqualTo(-1);
            try (Echo next = Echo.over(machine.dialAgent())) {
                next.exchange(64 << 10);
            }
        }
        VmmContract.assertNothingLeft(first);
        Path one = disk(place, "one.img");
        Path two = disk(place, "two.img");
        VmSpec firstClone = guest.doing("nothing", List.of(new VmSpec.Drive(one, false)));
        VmSpec secondClone = guest.doing("nothing", List.of(new VmSpec.Drive(two, false)));
        try (FirecrackerVm left = Boots.restore(vmm, firstClone, snapshot);
                FirecrackerVm right = Boots.restore(vmm, secondClone, snapshot)) {
            for (FirecrackerVm clone : List.of(left, right)) {
                assertThat(clone.ask(new Instance.Ask()).state()).isEqualTo("Paused");
                assertThat(Processes.hasOpen(clone.pid(), original)).isFalse();
                clone.resume();
                Consoles.await(clone, "guest: tick " + (last + 5) + "\n", VmmContract.PATIENCE);
            }
            assertThat(Processes.hasOpen(left.pid(), one)).isTrue();
            assertThat(Processes.hasOpen(left.pid(), two)).isFalse();
            assertThat(Processes.hasOpen(right.pid(), one)).isFalse();
            assertThat(Processes.hasOpen(right.pid(), two)).isTrue();
            try (Echo toLeft = Echo.over(left.dialAgent());
                    Echo toRight = Echo.over(right.dialAgent());
                    Echo.Load load = toLeft.load()) {
                toRight.exchange(1 << 20);
                load.awaitMore(1 << 20);
                // In some versions, which every run with them says, a pause would cost the link.
                if (!KnownFault.LINK_HANGS_AFTER_RESUME.isIn(left.version())) {
                    left.pause();
                    load.awaitStandstill();
                    toRight.exchange(1 << 20);
                    left.resume();
                    load.awaitMore(1 << 20);
                }
            }
        }
        VmmContract.assertNothingLeft(firstClone);
        VmmContract.assertNothingLeft(secondClone);
    }

    @Test
    void shouldRefuseSnapshotsThatAreNoneAndLeaveNothing(Place place) throws Exception {
        FirecrackerVmm vmm = Genuine.monitor();
        VmSpec spec = Genuine.guest(place).doing("nothing");
        String empty = place.file("empty", "").toString();
        assertThatThrownBy(() -> Boots.restore(vmm, spec, SnapshotLoad.of(empty, MemoryBackend.ofFile(empty))))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith(
                        "the machine was not restored from " + empty + ": firecracker could not load the snapshot ")
                .satisfies(e -> assertThat(e.getMessage())
                        // In 1.12, in 1.14 and since 1.16.
                        .containsAnyOf(
                                "Snapshot file is smaller than CRC length",
                                "UnexpectedEnd",
                                "File too short to contain CRC")
                        .doesNotContain("\n"));
        VmmContract.assertNothingLeft(spec);
    }

    @Test
    void shouldRefuseAMemoryThatMayNotBeRead(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        SnapshotLoad snapshot = Snapshots.ofAGuest(place, guest, "ticks");
        FirecrackerVmm vmm = Genuine.monitor();
        VmSpec spec = guest.doing("nothing");
        Path memory = Path.of(snapshot.memBackend().backendPath());
        // In its user namespace root is nobody special for files of others.
        if (Child.of("id", "-u").run().out().strip().equals("0")) {
            Child.of("chown", "1234", memory.toString()).run().expect(0);
        }
        Files.setPosixFilePermissions(memory, PosixFilePermissions.fromString("---------"));
        assertThatThrownBy(() -> Boots.restore(vmm, spec, snapshot))
                .hasMessageEndingWith(
                        "Load snapshot error: Failed to restore from snapshot: Failed to load guest memory:"
                                + " Error creating guest memory from file: Failed to load guest memory: Permission denied"
                                + " (os error 13)");
        VmmContract.assertNothingLeft(spec);
    }

    @Test
    void shouldRefuseAUserfaultfdThatNobodyServes(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        SnapshotLoad snapshot = Snapshots.ofAGuest(place, guest, "ticks");
        Patience patience = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(3));
        FirecrackerVmm vmm = new FirecrackerVmm(Genuine.firecracker(), patience);
        VmSpec spec = guest.doing("nothing");
        Path socket = place.directory("uffd").resolve("uffd.sock");
        SnapshotLoad load = SnapshotLoad.of(snapshot.snapshotPath(), MemoryBackend.ofUserfaultfd(socket.toString()));
        try (ApiProcess process = ApiProcess.start(place)) {
            assertThat(process.refuses(load))
                    .endsWith("Failed to connect to UDS Unix stream: No such file or directory (os error 2)");
        }
        assertThatThrownBy(() -> Boots.restore(vmm, spec, load)).hasMessageContaining(socket.toString());
        VmmContract.assertNothingLeft(spec);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            CompletableFuture<String> message = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try (SocketChannel handler = server.accept()) {
                    ByteBuffer bytes = ByteBuffer.allocate(4096);
                    handler.read(bytes);
                    message.complete(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
                } catch (IOException e) {
                    message.completeExceptionally(e);
                }
            });
            // It was asked, and then hung up: the guest, or Firecracker for it, waits for its memory for ever.
            try (FirecrackerVm machine = Boots.restore(vmm, spec, load)) {
                machine.resume();
                assertThat(machine.awaitExit(Duration.ofMillis(500))).isEmpty();
                assertThat(machine.consoleText()).doesNotContain("guest: tick");
            } catch (FcvmException e) {
                assertThat(e).hasMessageContaining("within 3 s");
            }
            assertThat(message.get(10, TimeUnit.SECONDS)).contains("base_host_virt_addr", "\"size\":", "\"offset\":");
        }
        VmmContract.assertNothingLeft(spec);
    }

    @Test
    void shouldMergeADiffIntoWhatItBuildsOnAndGoOnWithAnotherTapAndWithoutMetadata(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        List<String> ownNetwork = List.of("unshare", "--user", "--map-root-user", "--net", "--");
        String base = place.root().resolve("base.memory").toString();
        String full = place.root().resolve("full.state").toString();
        String diff = place.root().resolve("diff.state").toString();
        String tick;
        try (ApiProcess first = ApiProcess.start(place, ownNetwork)) {
            first.does(MachineConfig.of(1, MemorySize.ofMebibytes(256)).trackingDirtyPages())
                    .does(new BootSource(
                            guest.kernel().toString(),
                            Optional.of(guest.initramfs().toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=echo-ticks")))
                    .does(NetworkInterface.of("eth0", "tap0"))
                    .does(MmdsConfig.on("eth0"))
                    .does(new Mmds.Contents("{\"plan\":1}"))
                    .does(new Vsock(3, "vsock.sock"))
                    .does(Action.START);
            first.process().awaitOut("guest: tick 3\r\n");
            first.does(VmState.PAUSED).does(new SnapshotCreate(full, base, Optional.of(SnapshotCreate.Type.FULL)));
            first.does(VmState.RESUMED);
            first.process().awaitOut("guest: tick 20\r\n");
            // Onto the full one's memory: what has changed since then is written over it.
            first.does(VmState.PAUSED).does(new SnapshotCreate(diff, base, Optional.of(SnapshotCreate.Type.DIFF)));
            String said = first.process().outSoFar();
            tick = said.substring(said.lastIndexOf("guest: tick ", said.lastIndexOf('\n')));
        }
        int last = Integer.parseInt(tick.lines().findFirst().orElseThrow().substring("guest: tick ".length()));
        SnapshotLoad load = SnapshotLoad.of(diff, MemoryBackend.ofFile(base))
                .onTaps(List.of(new SnapshotLoad.NetworkOverride("eth0", "tap7")))
                .trackingDirtyPages();
        try (ApiProcess second = ApiProcess.start(place, ownNetwork)) {
            second.does(load);
            assertThat(taps(second)).contains("tap7").doesNotContain("tap0");
            assertThat(second.api().ask(new Mmds.Ask())).doesNotContain("plan");
            assertThat(second.api().ask(new VmConfig.Ask()).mmdsConfig())
                    .hasValueSatisfying(kept -> assertThat(kept.version()).contains(MmdsConfig.Version.V2));
            second.does(VmState.RESUMED);
            second.process().awaitOut("guest: tick " + (last + 3) + "\r\n");
            assertThat(second.process().outSoFar()).doesNotContain("guest: tick " + (last - 2) + "\r\n");
            Path socket = second.directory().resolve("vsock.sock");
            assertThat(socket).exists();
            // What has been written since the restore is little, and a diff holds no more.
            Path little = place.root().resolve("little.memory");
            second.does(VmState.PAUSED)
                    .does(new SnapshotCreate(diff, little.toString(), Optional.of(SnapshotCreate.Type.DIFF)));
            assertThat(Files.size(little)).isEqualTo(MemorySize.ofMebibytes(256).bytes());
            assertThat(used(little)).isBetween(1L, MemorySize.ofMebibytes(64).bytes());
        }
    }

    @Test
    void shouldHaveNoMetadataAfterARestoreAndTakeNoTokenOfBefore(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        String state = place.root().resolve("token.state").toString();
        String memory = place.root().resolve("token.memory").toString();
        try (ApiProcess first = ApiProcess.start(place, HostSide.withTap("tap0"))) {
            first.does(MachineConfig.of(1, MemorySize.ofMebibytes(256)))
                    .does(new BootSource(
                            guest.kernel().toString(),
                            Optional.of(guest.initramfs().toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=metadata-token")))
                    .does(NetworkInterface.of("eth0", "tap0"))
                    .does(MmdsConfig.on("eth0"))
                    .does(new Mmds.Contents("{\"plan\":\"first\"}"))
                    .does(Action.START);
            first.process().awaitOut("guest: metadata 200 first\r\n");
            first.does(VmState.PAUSED).does(new SnapshotCreate(state, memory, Optional.of(SnapshotCreate.Type.FULL)));
        }
        try (ApiProcess second = ApiProcess.start(place, HostSide.withTap("tap0"))) {
            second.does(SnapshotLoad.of(state, MemoryBackend.ofFile(memory)))
                    .does(new Mmds.Contents("{\"plan\":\"second\"}"))
                    .does(VmState.RESUMED);
            second.process().awaitOut("guest: metadata 401 MMDS token not valid.");
            assertThat(second.process().outSoFar()).doesNotContain("metadata 200");
        }
    }

    private static String taps(ApiProcess process) {
        return Child.of(
                        "nsenter",
                        "--user",
                        "--net",
                        "--target",
                        Long.toString(process.process().pid()),
                        "ip",
                        "link")
                .run()
                .expect(0)
                .out();
    }

    /** Returns how many bytes a file takes on the disk. */
    private static long used(Path file) {
        return 512
                * Long.parseLong(Child.of("stat", "--format=%b", file.toString())
                        .run()
                        .expect(0)
                        .out()
                        .strip());
    }

    @Test
    void shouldRefuseToRestoreIntoAProcessThatIsConfigured(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        SnapshotLoad snapshot = Snapshots.ofAGuest(place, guest, "ticks");
        try (ApiProcess process = ApiProcess.start(place)) {
            process.does(Drive.of("disk0", disk(place, "disk.img").toString(), true));
            assertThat(process.refuses(snapshot))
                    .contains("Loading a microVM snapshot not allowed after configuring boot-specific resources.");
            assertThat(process.api().ask(new VmConfig.Ask()).drives()).hasSize(1);
        }
    }

    private static int lastTick(RunningVm machine) throws Exception {
        String said = machine.consoleText();
        // The last line may be cut, where the machine stands.
        said = said.substring(0, said.lastIndexOf('\n'));
        return Integer.parseInt(said.substring(said.lastIndexOf("tick ") + 5).strip());
    }

    private static int read(Echo echo) {
        try {
            echo.channel().write(ByteBuffer.allocate(1));
            return echo.channel().read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(ClosedByInterruptException.class);
            return -1; // cut off is cut off
        }
    }

    private static Path disk(Place place, String name) throws Exception {
        return Files.write(place.root().resolve(name), new byte[1 << 20]);
    }
}
