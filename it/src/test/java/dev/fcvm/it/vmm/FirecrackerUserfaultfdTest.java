package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A machine whose memory another process hands out page by page: the tests' own, {@code uffd-handler.py}. */
@MachineTest
@Timeout(120)
final class FirecrackerUserfaultfdTest {

    @Test
    void shouldGoOnWithAMemoryThatAnotherProcessServes(Place place) throws Exception {
        Guest guest = Genuine.guest(place);
        FirecrackerVmm vmm = Genuine.monitor();
        Path state = place.root().resolve("state");
        Path memory = place.root().resolve("memory");
        VmSpec first = guest.doing("echo-ticks");
        try (FirecrackerVm machine = Boots.boot(vmm, first)) {
            Consoles.await(machine, "guest: tick 5\n", VmmContract.PATIENCE);
            machine.pause();
            machine.call(
                    new SnapshotCreate("/exchange/state", "/exchange/memory", Optional.of(SnapshotCreate.Type.FULL)));
            Files.move(first.exchange().orElseThrow().resolve("state"), state);
            Files.move(first.exchange().orElseThrow().resolve("memory"), memory);
        }
        Path socket = place.directory("uffd").resolve("uffd.sock");
        VmSpec restored = guest.doing("nothing");
        try (Child handler = handler(place, socket, memory)) {
            handler.awaitOut("listening");
            SnapshotLoad load = SnapshotLoad.of(state.toString(), MemoryBackend.ofUserfaultfd(socket.toString()));
            try (FirecrackerVm machine = Boots.restore(vmm, restored, load)) {
                machine.resume();
                Consoles.await(machine, "guest: tick 30\n", VmmContract.PATIENCE);
                try (Echo echo = Echo.over(machine.dialAgent())) {
                    echo.exchange(1 << 20);
                }
                handler.awaitOut("served 64\n");
                assertThat(handler.isAlive()).isTrue();
            }
        }
        VmmContract.assertNothingLeft(restored);
    }

    private static Child handler(Place place, Path socket, Path memory) throws Exception {
        Path program = place.root().resolve("uffd-handler.py");
        try (InputStream script =
                Objects.requireNonNull(FirecrackerUserfaultfdTest.class.getResourceAsStream("uffd-handler.py"))) {
            Files.copy(script, program);
        }
        return Child.of("python3", program.toString(), socket.toString(), memory.toString())
                .deadline(Duration.ofMinutes(2))
                .start();
    }
}
