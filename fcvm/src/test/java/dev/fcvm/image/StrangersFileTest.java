package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrangersFileTest {

    @TempDir
    private Path directory;

    @Test
    void shouldReadAFileUpToTheSizeItMayHave() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "12345");

        assertThat(StrangersFile.read(file, 5)).hasSize(5);
        assertThatThrownBy(() -> StrangersFile.read(file, 4)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldReadNoFileOfTheHostThroughALink() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        Path link = Files.createSymbolicLink(directory.resolve("manifest.json"), secret);

        assertThatThrownBy(() -> StrangersFile.read(link, 100)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldNotWaitForADevice() {
        assertThatThrownBy(() -> StrangersFile.read(Path.of("/dev/zero"), 100)).isInstanceOf(IOException.class);
    }
}
