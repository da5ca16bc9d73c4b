package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Lane;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.Balloon;
import dev.fcvm.vmm.firecracker.api.BalloonStatistics;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.KnownFault;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.RateLimiter;
import dev.fcvm.vmm.firecracker.api.TokenBucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a guest gets of its disk, its network and its memory, and that this is changed while it runs. The guest measures,
 * and what is compared was measured in the same run.
 */
@MachineTest
@Timeout(120)
final class FirecrackerLimitsTest {

    /** One mebibyte a second; little enough to be emptied by less than a piece. */
    private static final RateLimiter LIMIT =
            RateLimiter.ofBytes(new TokenBucket(100 << 10, Duration.ofMillis(100), OptionalLong.empty()));

    private static final RateLimiter NO_LIMIT =
            RateLimiter.ofBytes(new TokenBucket(0, Duration.ZERO, OptionalLong.empty()));

    /** A piece is 1 MiB, so it takes about a second when limited; less what the bucket had saved. */
    private static final int LIMITED_CS = 70;

    private static final Duration PATIENCE = Fcvm.BOOT;

    @Test
    void shouldLimitADiskAndTakeTheLimitBackWhileItIsRead(Place place) throws Exception {
        assumeRatesCanBeMeasured();
        Path disk = Files.write(place.root().resolve("disk.img"), new byte[2 << 20]);
        try (ApiProcess machine = machine(place, List.of(), "disk-speed")) {
            machine.does(Drive.of("disk0", disk.toString(), true)).does(Action.START);
            Told told = new Told(machine.process(), "guest: read 1 MiB in (\\d+) cs");
            long free = told.best();
            machine.does(new Drive.Update("disk0", Optional.empty(), Optional.of(LIMIT)));
            long limited = told.best();
            assertThat(limited).isGreaterThan(LIMITED_CS).isGreaterThan(3 * free);
            machine.does(new Drive.Update("disk0", Optional.empty(), Optional.of(NO_LIMIT)));
            assertThat(told.best()).isLessThan(limited / 3);
        }
    }

    @Test
    void shouldLimitBothDirectionsOfANetworkCardApartAndTakeTheLimitsBack(Place place) throws Exception {
        assumeRatesCanBeMeasured();
        try (ApiProcess machine = machine(place, HostSide.withTap("tap0"), "network-speed")) {
            machine.does(NetworkInterface.of("eth0", "tap0")).does(Action.START);
            try (Child taker = HostSide.serve(machine, 7001, "head -c 2000000 >/dev/null");
                    Child giver = HostSide.serve(machine, 7002, "head -c 1048576 /dev/zero")) {
                Told sent = new Told(machine.process(), "guest: sent 1 MiB in (\\d+) cs");
                Told received = new Told(machine.process(), "guest: received 1048576 bytes in (\\d+) cs");
                long freeSent = sent.best();
                long freeReceived = received.best();
                machine.does(new NetworkInterface.Update("eth0", Optional.empty(), Optional.of(LIMIT)));
                assertThat(sent.best()).isGreaterThan(LIMITED_CS).isGreaterThan(3 * freeSent);
                assertThat(received.best()).isLessThan(LIMITED_CS);
                machine.does(new NetworkInterface.Update("eth0", Optional.of(LIMIT), Optional.of(NO_LIMIT)));
                assertThat(received.best()).isGreaterThan(LIMITED_CS).isGreaterThan(3 * freeReceived);
                assertThat(sent.best()).isLessThan(LIMITED_CS);
                machine.does(new NetworkInterface.Update("eth0", Optional.of(NO_LIMIT), Optional.empty()));
                assertThat(received.best()).isLessThan(LIMITED_CS);
                assertThat(List.of(taker.isAlive(), giver.isAlive())).containsOnly(true);
            }
        }
    }

    @Test
    void shouldTakeMemoryFromTheGuestAndGiveItBack(Place place) throws Exception {
        try (ApiProcess machine = machine(place, List.of(), "memory")) {
            machine.does(new Balloon(
                            MemorySize.ofMebibytes(0),
                            false,
                            Duration.ofSeconds(1),
                            Optional.empty(),
                            Optional.empty()))
                    .does(Action.START);
            Told total = new Told(machine.process(), "guest: memory (\\d+) free \\d+");
            Told free = new Told(machine.process(), "guest: memory \\d+ free (\\d+)");
            long all = total.next();
            long atFirst = free.next();
            machine.does(new Balloon.Resize(MemorySize.ofMebibytes(96)));
            total.await(kib -> kib == all - (96 << 10));
            free.await(kib -> kib < atFirst - (80 << 10));
            await(machine, 96, all);
            machine.does(new Balloon.Resize(MemorySize.ofMebibytes(16)));
            total.await(kib -> kib == all - (16 << 10));
            // The guest's kernel keeps a part of it in lists of each processor, which it does not count as free.
            free.await(kib -> kib > atFirst - (56 << 10));
            await(machine, 16, all);
            machine.does(new Balloon.Resize(MemorySize.ofMebibytes(0)));
            total.await(kib -> kib == all);
            await(machine, 0, all);
        }
    }

    private static void assumeRatesCanBeMeasured() {
        assumeFalse(Lane.isKvmEmulated(), "KVM is emulated here, so slowly that a rate says nothing");
    }

    /** Says whether the guest's own statistics do not reach this Firecracker; the balloon's size is the device's. */
    private static boolean isDeafTo(ApiProcess machine) {
        return Genuine.bootsBasesKernel()
                && KnownFault.BALLOON_STATISTICS_LOST.isIn(machine.api().version());
    }

    /** Waits until the statistics, which come every second, say that the balloon holds so much. */
    private static void await(ApiProcess machine, int mebibytes, long all) throws IOException, InterruptedException {
        Told seconds = new Told(machine.process(), "guest: memory (\\d+) free \\d+");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            BalloonStatistics said = machine.api().ask(new BalloonStatistics.Ask());
            assertThat(said.target()).isEqualTo(MemorySize.ofMebibytes(mebibytes));
            long left = (all - ((long) mebibytes << 10)) << 10;
            boolean told = isDeafTo(machine) || said.totalMemory().orElse(0) == left;
            if (said.actual().equals(said.target()) && told) {
                return;
            }
            assertThat(System.nanoTime()).as("time; by now %s", said).isLessThan(end);
            seconds.next();
        }
    }

    /** Numbers a guest tells again and again. */
    private static final class Told {
        private final Child guest;
        private final Pattern words;
        private int seen;

        Told(Child guest, String words) {
            this.guest = guest;
            this.words = Pattern.compile(words + "\r?\n");
            this.seen = guest.outSoFar().length();
        }

        /** Returns the best of two of the next three: what is under way does not count, nor what the host disturbed. */
        long best() {
            seen = guest.outSoFar().length();
            next();
            long first = next();
            return Math.min(first, next());
        }

        /** Waits for the next one. */
        long next() {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (true) {
                String said = guest.outSoFar();
                Matcher matcher = words.matcher(said);
                if (matcher.find(seen)) {
                    seen = matcher.end();
                    return Long.parseLong(matcher.group(1));
                }
                assertThat(System.nanoTime())
                        .as("time for %s after%n%s", words, said)
                        .isLessThan(end);
                guest.awaitOutBeyond(said.length());
            }
        }

        void await(LongPredicate wanted) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            long last = next();
            while (!wanted.test(last)) {
                assertThat(System.nanoTime()).as("time; last told %d", last).isLessThan(end);
                last = next();
            }
        }
    }

    private static ApiProcess machine(Place place, List<String> prefix, String test) throws Exception {
        Guest guest = Genuine.guest(place);
        ApiProcess machine = ApiProcess.start(place, prefix);
        return machine.does(MachineConfig.of(1, MemorySize.ofMebibytes(256)))
                .does(new BootSource(
                        guest.kernel().toString(),
                        Optional.of(guest.initramfs().toString()),
                        Optional.of("console=ttyS0 reboot=k panic=-1 quiet test=" + test)));
    }
}
