package dev.fcvm.host.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawPathsTest {

    private static final String RAW = "gr\udcf6\udcdfe n\u00e4me %41";

    @Test
    void shouldFindAFileWhoseNameIsNoUtf8(@TempDir Path directory) throws Exception {
        shell(directory, "printf content >\"$(printf 'gr\\366\\337e n\\303\\244me %%41')\"");

        assertThat(RawPaths.resolve(directory, RAW)).hasContent("content");
        assertThat(RawPaths.resolve(Path.of("/nowhere"), directory + "/./" + RAW)
                        .normalize())
                .hasContent("content");
    }

    @Test
    void shouldGiveAPathBackAsTheTextItWasMadeOf(@TempDir Path directory) throws Exception {
        Path made = Files.createDirectories(RawPaths.resolve(directory, RAW));

        assertThat(RawPaths.text(made)).isEqualTo(directory + "/" + RAW);
        assertThat(RawPaths.text(made.resolve("x"))).isEqualTo(directory + "/" + RAW + "/x");
        assertThat(RawPaths.text(directory.resolve("\ufffd"))).isEqualTo(directory + "/\ufffd");
    }

    @Test
    void shouldTellTheDirectoryOfAProcess(@TempDir Path directory) throws Exception {
        Path work = Files.createDirectories(RawPaths.resolve(directory, RAW));
        Process sleeper = new ProcessBuilder(
                        "sh", "-c", "cd \"$(printf 'gr\\366\\337e n\\303\\244me %%41')\"; echo; exec sleep 1000")
                .directory(directory.toFile())
                .start();
        try {
            assertThat(sleeper.getInputStream().read()).isEqualTo('\n');

            assertThat(RawPaths.workingDirectory(sleeper.pid(), Path.of("/"))).isEqualTo(work);
        } finally {
            sleeper.destroyForcibly().waitFor();
        }
        assertThat(RawPaths.workingDirectory(sleeper.pid(), Path.of("/other"))).isEqualTo(Path.of("/other"));
    }

    @Test
    void shouldRefuseANul() {
        assertThatThrownBy(() -> RawPaths.resolve(Path.of("/"), "\udcff\0")).isInstanceOf(InvalidPathException.class);
    }

    private static void shell(Path directory, String script) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", script)
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(shell.waitFor()).isZero();
    }
}
