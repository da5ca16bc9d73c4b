package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The console of a restored machine of the genuine Firecracker, with the base's own init and agent in it. */
@MachineTest
@Timeout(180)
final class FirecrackerConsoleTest {

    /** One may fall between two lines by luck; all of them do not. */
    private static final int ROUNDS = 3;

    /** Lines longer than what a serial port takes at once. */
    private static final String PRINT =
            "n=0; while :; do n=$((n + 1)); echo \"guest: this is line $n and here is its end\"; done\n";

    private static final Pattern LINE = Pattern.compile("guest: this is line (\\d+) and here is its end\n");

    @Test
    void shouldPrintOnWithoutLosingALineAfterEveryRestoreOfAMachineThatPrintsAllTheTime(Place place) throws Exception {
        FirecrackerVmm vmm = Genuine.monitor();
        VmSpec spec = new Guest(place, Genuine.kernel(), Fcvm.base().resolve("initramfs.img"))
                .doing("nothing", BaseScratch.drives(BaseScratch.running(place, PRINT)));
        var said = new StringBuilder();
        SnapshotLoad snapshot;
        FirecrackerVm booted = Boots.boot(vmm, spec);
        try (booted) {
            snapshot = printed(place, spec, booted, 0);
        }
        said.append(booted.consoleText());
        for (int round = 1; round <= ROUNDS; round++) {
            FirecrackerVm restored = Boots.restore(vmm, spec, snapshot);
            try (restored) {
                restored.resume();
                snapshot = printed(place, spec, restored, round);
            }
            said.append(restored.consoleText());
        }
        List<Integer> numbers = LINE.matcher(said)
                .results()
                .map(line -> Integer.parseInt(line.group(1)))
                .toList();
        assertThat(numbers)
                .hasSizeGreaterThan(20 * ROUNDS)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, numbers.size()).boxed().toList());
    }

    /** Reaches the agent, as every host does, sees twenty lines printed after that, and makes a snapshot. */
    private static SnapshotLoad printed(Place place, VmSpec spec, FirecrackerVm machine, int round) throws Exception {
        try (ByteChannel host = machine.dialAgent()) {
            assertThat(host.isOpen()).isTrue();
            int first = Consoles.awaitNumber(machine, LINE);
            Consoles.await(
                    machine, "guest: this is line " + (first + 20) + " and here is its end\n", VmmContract.PATIENCE);
            machine.pause();
            return Snapshots.of(new Place(place.directory("snapshot" + round)), spec, machine);
        }
    }
}
