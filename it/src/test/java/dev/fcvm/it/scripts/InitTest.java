package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That {@code scripts/fcvm-init.sh} makes the base once, and again only what has changed. */
@Tag("machine")
class InitTest {

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.withPackages(place);

    @Test
    void shouldMakeAWholeBaseAndDoNothingTheSecondTime() throws IOException {
        init();
        assertThat(tree.image("base.json")).content().contains("\"version\":1", "\"suite\":\"trixie\"");
        assertThat(Stream.of("vmlinux", "initramfs.img", "rootfs.ext4").map(tree::image))
                .allMatch(Files::isRegularFile);
        Map<String, FileTime> before = times();

        Outcome second = init();

        assertThat(second.out()).contains("is up to date").hasLineCount(1);
        assertThat(times()).isEqualTo(before);
        assertThat(second.took()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void shouldMakeOnlyTheRootFileSystemAgainWhenTheAgentChanged() throws IOException {
        init();
        Map<String, FileTime> before = times();
        Files.writeString(tree.home().resolve("agent/fc-agent"), "# changed\n", StandardOpenOption.APPEND);

        Outcome second = init();

        Map<String, FileTime> after = times();
        assertThat(second.out()).contains("root file system");
        assertThat(after.get("rootfs.ext4")).isNotEqualTo(before.get("rootfs.ext4"));
        assertThat(Stream.of("vmlinux", "initramfs.img"))
                .allSatisfy(name -> assertThat(after.get(name)).isEqualTo(before.get(name)));
    }

    @Test
    void shouldMakeAFileAgainThatSomebodyChanged() throws IOException {
        init();
        String whole = ScriptTree.digest(tree.image("initramfs.img"));
        Files.writeString(tree.image("initramfs.img"), "damaged");

        init();

        assertThat(ScriptTree.digest(tree.image("initramfs.img"))).isEqualTo(whole);
    }

    @Test
    void shouldUseAKernelThatTheUserPutThereAsItIs() throws IOException {
        init();
        String ours = ScriptTree.digest(tree.image("vmlinux"));
        Files.writeString(tree.image("vmlinux"), "and a word more", StandardOpenOption.APPEND);
        String theirs = ScriptTree.digest(tree.image("vmlinux"));

        Outcome withTheirs = init();
        assertThat(withTheirs.out()).contains("yours is used as it is, Linux 6.");
        assertThat(ScriptTree.digest(tree.image("vmlinux"))).isEqualTo(theirs);

        Files.delete(tree.image("vmlinux"));
        init();
        assertThat(ScriptTree.digest(tree.image("vmlinux"))).isEqualTo(ours);
    }

    @Test
    void shouldRefuseAKernelThatIsNone() throws IOException {
        init();
        Files.delete(tree.image("vmlinux"));
        Files.writeString(tree.image("vmlinux"), "MZ no kernel");

        Outcome outcome = tree.call("fcvm-init.sh").deadline(DEADLINE).run().expect(1);

        assertThat(outcome.err()).contains("is no ELF kernel").contains("extract-vmlinux");
    }

    @Test
    void shouldPutTheSameBytesIntoTheRootFileSystemEveryTime() {
        init();
        Path again = place.root().resolve("again.ext4");
        tree.call(
                        "create-rootfs-debian.sh",
                        "--cache",
                        tree.data().resolve("cache").toString(),
                        "--agent",
                        tree.home().resolve("agent").toString(),
                        again.toString())
                .deadline(DEADLINE)
                .run()
                .expect(0);

        assertThat(ScriptTree.digest(again)).isEqualTo(ScriptTree.digest(tree.image("rootfs.ext4")));
    }

    @Test
    void shouldMakeAFileSystemThatIsConsistent() {
        init();

        Child.of("/usr/sbin/e2fsck", "-fn", tree.image("rootfs.ext4").toString())
                .deadline(DEADLINE)
                .run()
                .expect(0);
    }

    private Outcome init() {
        Outcome outcome = tree.call("fcvm-init.sh").deadline(DEADLINE).run().expect(0);
        assertThat(tree.unfinished()).isEmpty();
        return outcome;
    }

    private Map<String, FileTime> times() throws IOException {
        var times = new TreeMap<String, FileTime>();
        try (Stream<Path> files = Files.list(tree.data().resolve("images"))) {
            for (Path file : files.toList()) {
                times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
            }
        }
        return times;
    }
}
