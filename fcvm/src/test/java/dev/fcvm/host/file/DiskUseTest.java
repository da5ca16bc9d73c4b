package dev.fcvm.host.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskUseTest {

    @TempDir
    private Path directory;

    @Test
    void shouldCountOfASparseFileWhatIsWrittenInIt() throws IOException {
        Path file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 30);
            sparse.seek(512L << 20);
            sparse.write(new byte[1 << 20]);
            sparse.getFD().sync();
        }

        assertThat(DiskUse.allocated(file)).isBetween(1L << 20, 2L << 20);
    }

    @Test
    void shouldAskTheDiskThatAPathWouldBeOn() throws IOException {
        assertThat(DiskUse.free(directory.resolve("not/there"))).isPositive();
        assertThat(DiskUse.freeInodes(directory.resolve("not/there"))).isPositive();
    }

    @Test
    void shouldSayWhatIsNotThere() {
        assertThatThrownBy(() -> DiskUse.allocated(directory.resolve("gone")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("gone");
    }
}
