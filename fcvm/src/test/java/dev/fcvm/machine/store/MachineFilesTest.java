package dev.fcvm.machine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineFilesTest {

    @TempDir
    Path home;

    @Test
    void shouldWriteInTheRoomThatAFileHasWhereThereIsNoneForAnother() throws Exception {
        Path file = home.resolve("state.json");
        MachineFiles.write(file, "{\"state\":\"paused\"}");
        makeRoomless(file);
        MachineFiles.write(file, "{\"state\":\"up\"}");
        assertThat(Files.readString(file).stripTrailing()).isEqualTo("{\"state\":\"up\"}");
        makeRoomless(file);
        MachineFiles.write(file, "{\"state\":\"a longer one\"}");
        assertThat(file).hasContent("{\"state\":\"a longer one\"}");
        MachineFiles.write(file, "{}");
        assertThat(file).as("where there is room").hasContent("{}");

        Path fresh = home.resolve("fresh.json");
        makeRoomless(fresh);
        assertThatThrownBy(() -> MachineFiles.write(fresh, "{}")).isInstanceOf(IOException.class);
        assertThat(fresh).doesNotExist();
    }

    /** There is something where the new file is written first. */
    private static void makeRoomless(Path file) throws IOException {
        Files.createDirectory(file.resolveSibling("." + file.getFileName() + ".tmp"));
    }
}
