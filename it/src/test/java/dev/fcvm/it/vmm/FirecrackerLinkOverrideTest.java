package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.VsockOverride;
import dev.fcvm.vmm.firecracker.api.VmState;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The link of a restored machine by a socket of another name, which Firecracker can since 1.16.0. */
@MachineTest
@Timeout(120)
final class FirecrackerLinkOverrideTest {

    private static final FirecrackerVersion OVERRIDES = new FirecrackerVersion(1, 16, 0);
    private static final String NO_OVERRIDES =
            "the override of a restored link's socket came with Firecracker 1.16.0, and this one is older";

    @Test
    void shouldRefuseToGiveTheLinkAnotherNameBeforeTheVersionThatCan(Place place) throws Exception {
        FirecrackerVersion version = version(place);
        assumeFalse(version.isAtLeast(OVERRIDES), "this Firecracker gives a restored link another name");
        Guest guest = Genuine.guest(place);
        SnapshotLoad snapshot = Snapshots.ofAGuest(place, guest, "ticks").onSocket(new VsockOverride("other.sock"));
        VmSpec spec = guest.doing("nothing");
        assertThatThrownBy(() -> Boots.restore(Genuine.monitor(), spec, snapshot))
                .hasMessage("the machine was not restored from %s: firecracker %s has no other vsock socket for a"
                                .formatted(snapshot.snapshotPath(), version)
                        + " snapshot to restore; it came with 1.16.0: take a newer one, or"
                        + " restore it with the path it was made with");
        VmmContract.assertNothingLeft(spec);
    }

    @Test
    void shouldGiveTheLinkAnotherNameAndTakeConnectionsThere(Place place) throws Exception {
        assumeTrue(version(place).isAtLeast(OVERRIDES), NO_OVERRIDES);
        SnapshotLoad snapshot = Snapshots.ofAGuest(place, Genuine.guest(place), "echo-ticks");
        try (ApiProcess process = ApiProcess.start(place)) {
            // Not "vsock.sock", by which it was made: the connection below goes to the new name.
            process.does(snapshot.onSocket(new VsockOverride("other.sock"))).does(VmState.RESUMED);
            assertThat(process.directory().resolve("vsock.sock")).doesNotExist();
            try (Echo echo = Echo.over(process.dial("other.sock", 1024))) {
                echo.exchange(1 << 20);
            }
        }
    }

    @Test
    void shouldRefuseAnotherNameForALinkThatThereIsNot(Place place) throws Exception {
        assumeTrue(version(place).isAtLeast(OVERRIDES), NO_OVERRIDES);
        Guest guest = Genuine.guest(place);
        String state = place.root().resolve("linkless.state").toString();
        String memory = place.root().resolve("linkless.memory").toString();
        try (ApiProcess first = ApiProcess.start(place)) {
            first.does(MachineConfig.of(1, MemorySize.ofMebibytes(256)))
                    .does(new BootSource(
                            guest.kernel().toString(),
                            Optional.of(guest.initramfs().toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=ticks")))
                    .does(Action.START);
            first.process().awaitOut("guest: tick 2\r\n");
            first.does(VmState.PAUSED).does(new SnapshotCreate(state, memory, Optional.of(SnapshotCreate.Type.FULL)));
        }
        SnapshotLoad load = SnapshotLoad.of(state, MemoryBackend.ofFile(memory));
        try (ApiProcess second = ApiProcess.start(place)) {
            assertThat(second.refuses(load.onSocket(new VsockOverride("other.sock"))))
                    .contains("Unknown Vsock Device");
        }
        try (ApiProcess third = ApiProcess.start(place)) {
            third.does(load).does(VmState.RESUMED);
            third.process().awaitOut("guest: tick ");
        }
    }

    private static FirecrackerVersion version(Place place) throws Exception {
        try (ApiProcess process = ApiProcess.start(place)) {
            return process.api().version();
        }
    }
}
