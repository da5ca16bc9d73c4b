package dev.fcvm.it.vmm;

import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes full snapshots of machines of the genuine Firecracker. */
final class Snapshots {

    private Snapshots() {}

    /** Boots a guest that does this, and returns a snapshot of it after its second tick. */
    static SnapshotLoad ofAGuest(Place place, Guest guest, String doing) throws Exception {
        VmSpec spec = guest.doing(doing);
        try (FirecrackerVm machine = Boots.boot(Genuine.monitor(), spec)) {
            Consoles.await(machine, "guest: tick 2\n", VmmContract.PATIENCE);
            machine.pause();
            return of(place, spec, machine);
        }
    }

    /** Saves a machine that stands still, by any monitor. */
    static VmSnapshot saved(Place place, VmSpec spec, RunningVm machine) throws Exception {
        machine.save();
        Path state = Files.move(
                spec.exchange().orElseThrow().resolve(VmSnapshot.STATE),
                place.root().resolve("state"));
        Path memory = Files.move(
                spec.exchange().orElseThrow().resolve(VmSnapshot.MEMORY),
                place.root().resolve("memory"));
        return new VmSnapshot(state, memory, machine.monitor());
    }

    /** Writes a machine to two files; what it shares with the host is where its jail can make any. */
    static SnapshotLoad of(Place place, VmSpec spec, FirecrackerVm machine) throws Exception {
        machine.call(new SnapshotCreate("/exchange/state", "/exchange/memory", Optional.of(SnapshotCreate.Type.FULL)));
        Path state = Files.move(
                spec.exchange().orElseThrow().resolve("state"), place.root().resolve("state"));
        Path memory = Files.move(
                spec.exchange().orElseThrow().resolve("memory"), place.root().resolve("memory"));
        return SnapshotLoad.of(state.toString(), MemoryBackend.ofFile(memory.toString()));
    }
}
