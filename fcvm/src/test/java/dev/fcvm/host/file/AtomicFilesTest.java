package dev.fcvm.host.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

    @TempDir
    Path directory;

    @Test
    void shouldReplaceTheWholeFileAndLeaveNothingElse() throws Exception {
        Path file = directory.resolve("state.json");
        AtomicFiles.write(file, "a long first text");
        AtomicFiles.write(file, "second");

        assertThat(file).hasContent("second");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(directory).isDirectoryContaining(path -> path.equals(file));
        try (var entries = Files.list(directory)) {
            assertThat(entries).hasSize(1);
        }
    }

    @Test
    void shouldKeepTheOldFileAndLeaveNothingWhenItCannotBeReplaced() throws Exception {
        Path file = directory.resolve("taken");
        Files.createDirectories(file.resolve("inside"));

        assertThatThrownBy(() -> AtomicFiles.write(file, "text")).isInstanceOf(IOException.class);
        try (var entries = Files.list(directory)) {
            assertThat(entries).containsExactly(file);
        }
    }
}
