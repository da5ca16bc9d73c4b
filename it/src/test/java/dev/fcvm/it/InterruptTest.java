package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.SilentRegistry;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGINT in every phase of a run: exit code 130, soon, and nothing left behind. */
@MachineTest
class InterruptTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    /** What can be seen from outside when a phase has been reached. */
    enum Moment {
        /** The machine's directory has been made: the disks are next. */
        DISKS,
        /** The monitor's process is there. */
        BOOT;

        boolean isReached(Fcvm fcvm) {
            return switch (this) {
                case DISKS -> !fcvm.machines().isEmpty();
                case BOOT ->
                    fcvm.processes().anyMatch(line -> line.contains("-kernel") || line.contains("firecracker"));
            };
        }
    }

    @Test
    void shouldStopAPullFromARegistryThatHangs(Fcvm fcvm) throws IOException {
        try (SilentRegistry registry = SilentRegistry.start();
                Child child = fcvm.call("run", "--rm", "--tls-verify=false", registry.address() + "/any/image:1")
                        .start()) {
            registry.awaitCaller();

            interrupted(child);
        }
        assertThat(fcvm.leaks()).isEmpty();
    }

    @Test
    void shouldStopWhileTheStoreDiskIsMade(Archives archives) {
        // A cold cache of its own: the first run makes the disk, and there is a file to see as soon as it begins.
        try (Fcvm cold = Fcvm.create();
                Child child = cold.call("run", "--rm", plain(archives), "echo", "too late")
                        .start()) {
            cold.await(
                    child,
                    fcvm -> fcvm.processes()
                            .anyMatch(line -> line.contains("skopeo copy") || line.contains("--hole-detection")));

            interrupted(child);
            assertThat(cold.leaks()).isEmpty();
            cold.run("run", "--quiet", "--rm", plain(archives), "echo", "unharmed")
                    .expect(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldStopOnTheWayToTheContainer(Moment moment, Fcvm fcvm, Archives archives) {
        try (Child child =
                fcvm.call("run", "--rm", plain(archives), "sleep", "1000").start()) {
            fcvm.await(child, moment::isReached);

            interrupted(child);
        }
        assertThat(fcvm.leaks()).isEmpty();
    }

    @Test
    void shouldStopWhileItWaitsForTheAgent(Archives archives, Place place) {
        Path initramfs = Guests.initramfs(place, "echo asleep; while :; do sleep 1000; done");
        try (Fcvm fcvm = Fcvm.withBaseFile("initramfs.img", initramfs);
                Child child = fcvm.call("run", "--rm", plain(archives), "true").start()) {
            fcvm.await(child, each -> each.consoles().contains("asleep"));

            interrupted(child);
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    @Test
    void shouldLeaveTheSignalToTheContainerAndEndWhenPressedThreeTimes(Fcvm fcvm, Archives archives) {
        try (Child child = fcvm.call("run", "--rm", plain(archives), "/bin/signals", "none")
                .start()) {
            child.awaitOut("ready\n");
            child.signal("INT");
            child.awaitOut("got INT\n");
            // The kernel makes one of two that come at once (signal(7)): the next when this one has arrived.
            child.signal("INT");
            child.awaitOut("got INT\ngot INT\n");
            assertThat(child.isAlive()).isTrue();

            child.signal("INT");

            assertThat(child.outcome().exitCode()).isEqualTo(130);
        }
    }

    @Test
    void shouldEndAMachineThatDoesNotAnswerByTheFirstSignalOfEachKind(Fcvm fcvm, Archives archives) {
        Map<String, Integer> codes = Map.of("INT", 130, "TERM", 143, "HUP", 129);
        Map<String, Child> children = new LinkedHashMap<>();
        try (Closing _ = new Closing(children)) {
            codes.keySet().forEach(signal -> children.put(signal, frozen(fcvm, archives)));

            children.forEach((signal, child) -> child.signal(signal));

            children.forEach((signal, child) -> assertThat(child.outcome()
                            .expect(codes.getOrDefault(signal, -1))
                            .err())
                    .contains("did not answer signal " + signal));
        }
    }

    @Test
    void shouldEndAMachineThatDoesNotAnswerAtTheThirdPress(Fcvm fcvm, Archives archives) {
        try (Child child = frozen(fcvm, archives)) {
            for (int press = 0; press < 3; press++) {
                child.signal("INT");
                awaitTaken(child);
            }

            assertThat(child.outcome().expect(130).err()).doesNotContain("did not answer");
        }
    }

    /** Starts a run whose monitor is then stopped. */
    private static Child frozen(Fcvm fcvm, Archives archives) {
        Set<Path> others = Set.copyOf(fcvm.machines());
        Child child = fcvm.call("run", "--rm", plain(archives), "/bin/signals", "none")
                .start();
        child.awaitOut("ready\n");
        Path machine = fcvm.machines().stream()
                .filter(each -> !others.contains(each))
                .findFirst()
                .orElseThrow();
        Monitors.of(machine)
                .forEach(pid ->
                        Child.of("kill", "-STOP", Long.toString(pid)).run().expect(0));
        return child;
    }

    /** The kernel makes one of two signals that come at once: waits until this one is not pending any more. */
    private static void awaitTaken(Child child) {
        long end = System.nanoTime() + SOON.toNanos();
        while (child.isAlive() && Monitors.hasPending(child.pid(), 2) && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private record Closing(Map<String, Child> children) implements AutoCloseable {
        @Override
        public void close() {
            children.values().forEach(Child::close);
        }
    }

    private static void interrupted(Child child) {
        long before = System.nanoTime();
        child.signal("INT");
        assertThat(child.outcome().expect(130).err()).doesNotContain("Exception", "\tat ");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SOON);
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
