package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessMemoryTest {

    @TempDir
    Path directory;

    @Test
    void shouldCountWhatIsOfNoFile() throws Exception {
        Path status = Files.writeString(
                directory.resolve("status"),
                "Name:\tfirecracker\nVmRSS:\t   90000 kB\nRssAnon:\t    5000 kB\nRssFile:\t   84000 kB\nRssShmem:\t  1000 kB\n");
        assertThat(ProcessMemory.own(status)).isEqualTo(6000L << 10);
        assertThat(ProcessMemory.own(ProcessHandle.current().pid())).isPositive();
        assertThat(ProcessMemory.own(directory.resolve("gone"))).isZero();
    }
}
