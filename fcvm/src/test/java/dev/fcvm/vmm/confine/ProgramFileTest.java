package dev.fcvm.vmm.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramFileTest {

    @TempDir
    Path directory;

    @Test
    void shouldKnowAProgramThatNeedsTheHostsLibraries() throws Exception {
        assertThat(ProgramFile.runsAlone(Path.of("/bin/sh").toRealPath())).isFalse();
        assertThat(ProgramFile.runsAlone(Files.writeString(directory.resolve("script"), "#!/bin/sh\n")))
                .isFalse();
        assertThat(ProgramFile.runsAlone(Files.write(directory.resolve("short"), new byte[] {0x7f, 'E', 'L', 'F'})))
                .isFalse();
    }

    @Test
    void shouldKnowAProgramThatNeedsNothing() throws Exception {
        Path busybox = Path.of("/bin/busybox");
        Assumptions.assumeTrue(Files.exists(busybox), "busybox-static is not installed");
        assertThat(ProgramFile.runsAlone(busybox)).isTrue();
    }
}
