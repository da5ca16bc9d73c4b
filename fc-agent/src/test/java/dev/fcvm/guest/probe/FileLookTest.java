package dev.fcvm.guest.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLookTest {

    @Test
    void shouldFollowLinksAsTheContainerWould(@TempDir Path directory) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.createDirectories(root.resolve("run/inner"));
        Files.createDirectory(root.resolve("var"));
        Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(root.resolve("run/up"), Path.of("../../../../run/inner/"));
        Files.createFile(root.resolve("run/inner/ready"));

        assertThat(FileLook.find(root, "/var/run/up/ready").met()).isTrue();
        assertThat(FileLook.find(root, "/var/run/up/other"))
                .isEqualTo(new Sight(false, 0, "/var/run/up/other is not there yet"));
    }

    @Test
    void shouldNeverLeaveTheContainer(@TempDir Path directory) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path outside = Files.createFile(directory.resolve("outside"));
        Files.createSymbolicLink(root.resolve("absolute"), outside);
        Files.createSymbolicLink(root.resolve("relative"), Path.of("../outside"));

        assertThat(FileLook.find(root, "/absolute").met()).isFalse();
        assertThat(FileLook.find(root, "/relative").met()).isFalse();
        assertThat(FileLook.find(root, "/../outside").met()).isFalse();
    }

    @Test
    void shouldGiveUpLinksThatLeadNowhere(@TempDir Path root) throws Exception {
        Files.createSymbolicLink(root.resolve("loop"), Path.of("/loop"));
        assertThat(FileLook.find(root, "/loop").seen()).contains("too many symbolic links");
    }
}
