package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Init killed without warning, at every file it makes: the next run finishes, and nothing half-made is taken.
 * It takes some minutes.
 */
@Tag("machine")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InterruptedInitTest {

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    /** What a run gives that nobody disturbs. */
    private List<String> undisturbed = List.of();

    @BeforeAll
    void makeABaseUndisturbed() {
        try (Place place = Place.make()) {
            ScriptTree calm = ScriptTree.withPackages(place);
            calm.call("fcvm-init.sh").deadline(DEADLINE).run().expect(0);
            undisturbed = digests(calm);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vmlinux.part.",
                "vmlinux.stamp",
                "vmlinux",
                "initramfs.img.part.",
                "initramfs.img.stamp",
                "rootfs.ext4.part.",
                "rootfs.ext4.stamp",
                "base.json.part."
            })
    void shouldFinishWhatAKilledRunBegan(String moment) throws Exception {
        try (Place place = Place.make()) {
            ScriptTree tree = ScriptTree.withPackages(place);
            Path images = place.directory("data/images");
            try (WatchService watch = images.getFileSystem().newWatchService()) {
                images.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                try (Child init =
                        tree.callInSession("fcvm-init.sh").deadline(DEADLINE).start()) {
                    awaitFile(watch, moment);
                    ScriptTree.killSession(init);
                }
            }
            if (!moment.startsWith("base.json")) {
                assertThat(tree.image("base.json")).doesNotExist();
            }

            tree.call("fcvm-init.sh").deadline(DEADLINE).run().expect(0);

            assertThat(tree.unfinished()).isEmpty();
            assertThat(tree.image("base.json")).exists();
            assertThat(digests(tree)).isEqualTo(undisturbed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vmlinux.part.", "rootfs.ext4.part."})
    void shouldWaitForWhatAKilledRunLeftRunning(String moment) throws Exception {
        try (Place place = Place.make()) {
            ScriptTree tree = ScriptTree.withPackages(place);
            Path images = place.directory("data/images");
            try (WatchService watch = images.getFileSystem().newWatchService()) {
                images.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                try (Child init = tree.call("fcvm-init.sh").deadline(DEADLINE).start()) {
                    awaitFile(watch, moment);
                    init.signal("KILL");
                    init.closed();

                    tree.call("fcvm-init.sh").deadline(DEADLINE).run().expect(0);
                }
            }

            assertThat(tree.unfinished()).isEmpty();
            assertThat(digests(tree)).isEqualTo(undisturbed);
        }
    }

    private static List<String> digests(ScriptTree tree) {
        return List.of(
                ScriptTree.digest(tree.image("vmlinux")),
                ScriptTree.digest(tree.image("initramfs.img")),
                ScriptTree.digest(tree.image("rootfs.ext4")));
    }

    private static void awaitFile(WatchService watch, String prefix) throws InterruptedException {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            WatchKey key = watch.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(key).as("a file named %s… appears", prefix).isNotNull();
            boolean seen = key.pollEvents().stream()
                    .anyMatch(event -> String.valueOf(event.context()).startsWith(prefix));
            if (seen) {
                return;
            }
            key.reset();
        }
    }
}
