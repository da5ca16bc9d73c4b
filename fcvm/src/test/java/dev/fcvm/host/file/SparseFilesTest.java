package dev.fcvm.host.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseFilesTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path place;

    private Path sparse() throws Exception {
        Path file = place.resolve("sparse");
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(64 * MIB);
            for (long at : new long[] {5, 20 * MIB, 64 * MIB - 4}) {
                opened.seek(at);
                opened.write("data".getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    @Test
    void shouldCopyWhatIsWrittenAndNothingElse() throws Exception {
        Path file = sparse();
        Path copy = place.resolve("copy");
        SparseFiles.copy(file, copy);
        assertThat(copy).hasSameBinaryContentAs(file);
        assertThat(DiskUse.allocated(copy)).isLessThan(MIB);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-------");
    }

    @Test
    void shouldCopyAnEmptyFileAndOneOfHolesAlone() throws Exception {
        Path empty = Files.createFile(place.resolve("empty"));
        SparseFiles.copy(empty, place.resolve("empty copy"));
        assertThat(place.resolve("empty copy")).isEmptyFile();
        Path hole = place.resolve("hole");
        SparseFiles.setSize(Files.createFile(hole), 3 * MIB);
        SparseFiles.copy(hole, place.resolve("hole copy"));
        assertThat(place.resolve("hole copy")).hasSize(3 * MIB);
        assertThat(SparseFiles.extents(hole)).isEmpty();
    }

    @Test
    void shouldReplaceNothing() throws Exception {
        Path file = sparse();
        assertThatThrownBy(() -> SparseFiles.copy(file, file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasSize(64 * MIB);
    }
}
