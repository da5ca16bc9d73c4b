package dev.fcvm.host.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountsTest {

    @TempDir
    Path directory;

    @Test
    void shouldWritePathsSoThatMountReadsThemBack() {
        Path odd = Path.of("/a b/c\\d/#e\tf\ng");
        assertThat(Mounts.escaped(odd)).isEqualTo("/a\\040b/c\\134d/\\043e\\011f\\012g");
        assertThat(Mounts.unescaped(Mounts.escaped(odd))).isEqualTo(odd.toString());
    }

    @Test
    void shouldKeepTheOptionsAUserNamespaceMayNotTakeAway() {
        Mounts mounts = new Mounts(directory);
        mounts.bind(Path.of("/proc/version"), "version", true);
        String line = mounts.fstab();
        assertThat(line).startsWith("/proc/version " + directory + "/version none bind,ro");
        assertThat(line.contains("nosuid")).isEqualTo(optionsOf("/proc").contains("nosuid"));
    }

    @Test
    void shouldMountTheFileBehindALinkAndDirectoriesWithWhatIsMountedBelow() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        Mounts mounts = new Mounts(Path.of("/tree"));
        mounts.bind(link, "disk0", false);
        mounts.bind(directory, "sockets", false);
        assertThat(mounts.fstab())
                .isEqualTo("%s /tree/disk0 none bind 0 0%n%s /tree/sockets none rbind 0 0%n"
                        .formatted(file.toRealPath(), directory.toRealPath()));
    }

    private static String optionsOf(String point) {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .map(line -> line.split(" "))
                    .filter(fields -> fields[4].equals(point))
                    .map(fields -> fields[5])
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
