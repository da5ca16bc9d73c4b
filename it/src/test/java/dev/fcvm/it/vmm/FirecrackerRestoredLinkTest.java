package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.KnownFault;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import dev.fcvm.vmm.firecracker.api.VmState;
import dev.fcvm.vmm.firecracker.api.Vsock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The link of a machine that was saved while it was busy, in a fresh process where everything else has another name. */
@MachineTest
@Timeout(120)
final class FirecrackerRestoredLinkTest {

    private static final int AGENT_PORT = 1024;
    private static final int NETWORK_PORT = 7003;
    private static final long MUCH = 1 << 20;

    @Test
    void shouldCarryALoadThroughPausesAndAgainAfterARestoreWithAnotherSocketTapAndDisk(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        Path left = disk(place, "left");
        Path right = disk(place, "right");
        String state = place.root().resolve("state").toString();
        String memory = place.root().resolve("memory").toString();
        try (ApiProcess first = ApiProcess.start(place, HostSide.withTap("tap0"));
                Child network = HostSide.serve(first, NETWORK_PORT, "echo left")) {
            first.does(MachineConfig.of(1, MemorySize.ofMebibytes(256)))
                    .does(new BootSource(
                            guest.kernel().toString(),
                            Optional.of(guest.initramfs().toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=echo-look")))
                    .does(Drive.of("disk0", left.toString(), true))
                    .does(NetworkInterface.of("eth0", "tap0"))
                    .does(new Vsock(3, "vsock.sock"))
                    .does(Action.START);
            first.process().awaitOut(" disk left network left\r\n");
            assertThat(network.isAlive()).isTrue();
            // The connection is cut off by the snapshot, and what was on its way with it: nothing waits for its rest.
            Echo.Load load = Echo.over(first.dial(AGENT_PORT)).load();
            underLoadThroughPauses(first, load);
            load.awaitMore(MUCH);
            first.does(VmState.PAUSED).does(new SnapshotCreate(state, memory, Optional.of(SnapshotCreate.Type.FULL)));
        }
        try (ApiProcess second = ApiProcess.start(place, HostSide.withTap("tap7"));
                Child network = HostSide.serve(second, NETWORK_PORT, "echo right")) {
            second.does(SnapshotLoad.of(state, MemoryBackend.ofFile(memory))
                            .onTaps(List.of(new SnapshotLoad.NetworkOverride("eth0", "tap7"))))
                    .does(Drive.Update.toImage("disk0", right.toString()))
                    .does(VmState.RESUMED);
            try (Echo echo = Echo.over(second.dial(AGENT_PORT));
                    Echo.Load load = echo.load()) {
                second.process().awaitOut(" disk right network right\r\n");
                underLoadThroughPauses(second, load);
            }
            assertThat(network.isAlive()).isTrue();
        }
    }

    private static void underLoadThroughPauses(ApiProcess machine, Echo.Load load) throws Exception {
        // Some versions lose it in a pause alone, which KnownFault says; not in a snapshot.
        int pauses = KnownFault.LINK_HANGS_AFTER_RESUME.isIn(machine.api().version()) ? 0 : 3;
        for (int pause = 0; pause < pauses; pause++) {
            load.awaitMore(MUCH);
            machine.does(VmState.PAUSED);
            long settled = load.awaitStandstill();
            assertThat(load.received()).isEqualTo(settled);
            machine.does(VmState.RESUMED);
        }
        load.awaitMore(MUCH);
    }

    /** Makes a disk that begins with its name. */
    private static Path disk(Place place, String name) throws Exception {
        byte[] content = Arrays.copyOf((name + "\n").getBytes(StandardCharsets.US_ASCII), 1 << 20);
        return Files.write(place.root().resolve(name + ".img"), content);
    }
}
